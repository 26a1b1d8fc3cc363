/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several producers wake one consumer.
 *
 * They reserve in order, under a lock, and submit in any order without it; what
 * a consumer waits for may be published by whoever reserved last, or first. All
 * share the note of the last sleep answered ("woken"), so one may leave a
 * wakeup to another. A lost wakeup is a deadlock here.
 *
 * Store buffers and futexes as in sleep.pml. The ring does not fill.
 *
 * Variants, by -D:
 *   NO_G, NO_H		without that fence
 *   WATER=n		the consumer asks for 1 or n entries
 *   NR_MOD=n		sleep numbers are taken modulo n
 *   WOKEN_FIRST	the note is written before it is known that a wakeup is due
 */
#ifndef WATER
#define WATER 1
#endif
#ifndef NR_MOD
#define NR_MOD 60
#endif
#define PRODUCERS 2
#define EACH(me) (1 + (me))	/* items of each */
#define ITEMS 3

#define WANT(amount, nr) ((nr) * 4 + (amount))
#define AMOUNT(want) ((want) % 4)

/* What stands in memory, by its number in a store buffer; fronts first. */
#define WOKEN ITEMS
#define NEED_WAKEUP (ITEMS + 1)
#define CONS (ITEMS + 2)
#define WORDS (ITEMS + 3)
byte mem[WORDS];

/* The reserve position: written under the lock, whose release drains. */
byte prod;

chan buffer[3] = [3] of { byte, byte };	/* the last is the consumer's */
bool cons_woken_up;

#ifdef NO_G
#define G skip
#else
#define G empty(buffer[me])
#endif
#ifdef NO_H
#define H skip
#else
#define H empty(buffer[PRODUCERS])
#endif

active [3] proctype drain()
{
	byte word, value;
end:
	do
	:: atomic { buffer[_pid]?word, value; mem[word] = value; word = 0; value = 0 }
	od
}

active [PRODUCERS] proctype producer()
{
	byte me = _pid - 3;
	byte i, pos, want, seen, avail;

	do
	:: i == EACH(me) -> break
	:: else ->
		i++;
		atomic { pos = prod; prod++ }
		buffer[me]!pos, 1;				/* A, M */
		G;
		want = mem[NEED_WAKEUP];
		seen = mem[WOKEN];
		if
		:: want == 0 || want == seen
		:: else ->
#ifdef WOKEN_FIRST
			buffer[me]!WOKEN, want;
#endif
			avail = prod;
			avail = avail - mem[CONS];
			if
			:: avail < AMOUNT(want)
			:: else ->
#ifndef WOKEN_FIRST
				buffer[me]!WOKEN, want;
#endif
				cons_woken_up = true
			fi
		fi;
		want = 0; seen = 0; avail = 0; pos = 0
	od
}

/* Entries that show, from @cons on. */
inline count()
{
	n = 0;
	do
	:: cons + n < ITEMS && mem[cons + n] -> n++
	:: else -> break
	od
}

active proctype consumer()
{
	byte cons, n, want, nr;

	do
	:: cons == ITEMS -> break
	:: else ->
		if
		:: want = 1
		:: WATER > 1 && ITEMS - cons >= WATER -> want = WATER
		fi;
look:
		count();
		if
		:: n >= want ->
			cons = cons + n;
			buffer[PRODUCERS]!CONS, cons		/* E */
		:: else ->
			cons_woken_up = false;
			nr = (nr + 1) % NR_MOD;
			buffer[PRODUCERS]!NEED_WAKEUP, WANT(want, nr + 1);
			H;
			count();
			if
			:: n >= want
			:: else -> cons_woken_up
			fi;
			buffer[PRODUCERS]!NEED_WAKEUP, 0;
			goto look
		fi
	od
}
