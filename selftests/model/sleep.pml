/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleep and wake in both directions, one producer, one consumer.
 *
 * The functions of <linux/pcring_ring.h>, step by step: pcring_prod_space(),
 * pcring_prod_notify(), pcring_prod_prepare_wait(), pcring_cons_publish(),
 * pcring_cons_release(), pcring_cons_prepare_wait(), pcring_cons_ready(), and
 * their callers as the comments there want them. A lost wakeup is a deadlock
 * here.
 *
 * Each end's stores go through a buffer of its own that empties by itself, in
 * order, whenever it likes (TSO); a fence waits until it is empty. No end reads
 * back what it stores, so buffers need no forwarding. Whether weaker machines
 * allow more is what selftests/litmus is for.
 *
 * Variants, by -D:
 *   NO_G, NO_H, NO_I, NO_J	without that fence
 *   WATER=n		the consumer waits for 1 or n entries, the producer too
 *   LAG=n		positions stay unpublished up to n entries
 *   SPIN		the consumer never sleeps, it looks for any entry
 *   NR_MOD=n		sleep numbers are taken modulo n
 *   NO_EMPTY_PUBLISH	the consumer does not publish when it finds nothing
 *   NO_STARVED		the producer wakes nobody for less than he asked for
 *   NO_GIVE		the consumer sleeps though the producer waits for space
 *   CROSS_BEFORE	the producer notifies before it announces itself, not after
 *   CROSS_TWICE	before as well: its reservation has failed
 *   NOTE_AFTER		futex words are noted once the sleep is announced
 *   CONS_DIES		the consumer may end at any time, and says so
 *   KILLED		the producer may vanish at any time; a watcher sees it
 *   NO_WATCHER		nobody sees it
 *   END_BY_NOTIFY	the producer's end wakes only a sleeper that asked for
 *			no more than there is
 *   NO_STATE_LOOK	the sleeper does not look at the state after H
 */
#ifndef RING
#define RING 4
#endif
#ifndef ITEMS
#define ITEMS 6
#endif
#ifndef WATER
#define WATER 1
#endif
#ifndef LAG
#define LAG 1
#endif
#ifndef NR_MOD
#define NR_MOD 250
#endif

#define LIVE 0
#define DEAD 1
#define WANT(amount, nr) ((nr) * 8 + (amount))
#define AMOUNT(want) ((want) % 8)

/* What stands in memory, by its number in a store buffer. */
#define PROD 0
#define SPACE_WANTED 1
#define PROD_STATE 2
#define CONS 3
#define NEED_WAKEUP 4
#define CONS_STATE 5
#define WORDS 6
short mem[WORDS];

chan prod_buffer = [3] of { byte, short };
chan cons_buffer = [3] of { byte, short };

/*
 * The futexes. A sleeper takes note of its word before it announces itself, and
 * sleeps only while the word has not changed: so an earlier wakeup is forgotten
 * there and none is lost behind it.
 */
bool prod_woken_up, cons_woken_up;

bool prod_gone;		/* seen by the watcher alone */

#define STORE(buffer, word, value) buffer!word, value
#define FENCE(buffer) empty(buffer)

#ifdef NO_G
#define G skip
#else
#define G FENCE(prod_buffer)
#endif
#ifdef NO_H
#define H skip
#else
#define H FENCE(cons_buffer)
#endif
#ifdef NO_I
#define I skip
#else
#define I FENCE(cons_buffer)
#endif
#ifdef NO_J
#define J skip
#else
#define J FENCE(prod_buffer)
#endif

#ifdef KILLED
#define MAY_DIE if :: goto killed :: skip fi
#else
#define MAY_DIE skip
#endif
#ifdef CONS_DIES
#define MAY_END if :: goto ending :: skip fi
#else
#define MAY_END skip
#endif

active proctype prod_drain()
{
	byte word;
	short value;
end:
	do
	:: atomic { prod_buffer?word, value; mem[word] = value; word = 0; value = 0 }
	od
}

active proctype cons_drain()
{
	byte word;
	short value;
end:
	do
	:: atomic { cons_buffer?word, value; mem[word] = value; word = 0; value = 0 }
	od
}

/* pcring_prod_notify() */
inline notify()
{
	G;
	want = mem[NEED_WAKEUP];
	if
	:: want == 0 || want == woken
	:: else ->
		/* A hint without a barrier: perhaps an old value. */
		if
		:: seen = cons
		:: seen = mem[CONS]
		fi;
		if
		:: prod - seen < AMOUNT(want) && !starved
		:: else ->
			woken = want;
			MAY_DIE;
			cons_woken_up = true
		fi;
		seen = 0
	fi;
	want = 0
}

/* pcring_prod_space() */
inline space()
{
	if
	:: RING - (prod - cons) < n ->
		cons = mem[CONS];				/* F */
		assert(cons <= prod);
#ifndef NO_STARVED
		starved = (waits || RING - (prod - cons) < n)
#endif
	:: else
	fi
}

active proctype producer()
{
	byte prod, cons, nr, n, seen;
	short want, woken;
	bool starved, waits;

	do
	:: prod == ITEMS -> break
	:: else ->
		n = 0;
		if
		:: n = 1
		:: WATER > 1 && ITEMS - prod >= WATER -> n = WATER
		fi;
		space();
		if
		:: RING - (prod - cons) >= n ->
			prod = prod + n;
			STORE(prod_buffer, PROD, prod);		/* A, C */
			MAY_DIE;
			notify()
		:: else ->
#if defined(CROSS_BEFORE) || defined(CROSS_TWICE)
			notify();
#endif
			/* The futex word, then pcring_prod_prepare_wait() */
#ifndef NOTE_AFTER
			prod_woken_up = false;
#endif
			nr = (nr + 1) % NR_MOD;
#ifndef NO_STARVED
			waits = true;
			starved = true;
#endif
			STORE(prod_buffer, SPACE_WANTED, WANT(n, nr + 1));
			J;
#ifndef CROSS_BEFORE
			notify();
#endif
#ifdef NOTE_AFTER
			prod_woken_up = false;
#endif
			space();
			if
			:: RING - (prod - cons) >= n
#ifndef NO_STATE_LOOK
			:: RING - (prod - cons) < n && mem[CONS_STATE] == DEAD ->
				goto ending			/* T */
#endif
			:: else ->
				MAY_DIE;
				prod_woken_up
			fi;
			STORE(prod_buffer, SPACE_WANTED, 0);
			waits = false;
			starved = false;
			if
			:: mem[CONS_STATE] == DEAD -> goto ending
			:: else
			fi
		fi
	od;
ending:
	STORE(prod_buffer, PROD_STATE, DEAD);			/* S */
#ifdef END_BY_NOTIFY
	notify();
#else
	G;
	if
	:: mem[NEED_WAKEUP] -> cons_woken_up = true
	:: else
	fi;
#endif
killed:
	prod_gone = true
}

/* pcring_cons_publish() */
inline publish()
{
	if
	:: published != cons ->
		published = cons;
		STORE(cons_buffer, CONS, cons);			/* E */
		I;
		want = mem[SPACE_WANTED];
		if
		:: want == 0 || want == woken
		:: else ->
			if
			:: mem[PROD] >= cons &&
			   RING - (mem[PROD] - cons) < AMOUNT(want)
			:: else ->
				woken = want;
				prod_woken_up = true
			fi
		fi;
		want = 0
	:: else
	fi
}

active proctype consumer()
{
	byte cons, published, prod, nr, n;
	short want, woken;
	bool dead, give;

	do
	:: MAY_END;
		if
		:: n = 1
#ifndef SPIN
		:: WATER > 1 -> n = WATER
#endif
		fi;
		give = false;
		prod = mem[PROD];				/* B, D */
look:
		assert(prod >= cons && prod - cons <= RING);
		if
		:: prod - cons >= n || (prod > cons && (dead || give)) ->
			if
			:: cons = prod
			:: cons = cons + 1
			fi;
			give = false;
			if
			:: cons - published >= LAG -> publish()
			:: else
			fi
		:: else ->
			if
			:: dead -> break
			:: else
			fi;
			/* Nothing there: let all the space be seen. */
#ifndef NO_EMPTY_PUBLISH
			publish();
#endif
#ifdef SPIN
			(mem[PROD] > prod || mem[PROD_STATE] == DEAD);
			dead = (mem[PROD_STATE] == DEAD);
			prod = mem[PROD];
#else
#ifndef NOTE_AFTER
			cons_woken_up = false;
#endif
			nr = (nr + 1) % NR_MOD;
			STORE(cons_buffer, NEED_WAKEUP, WANT(n, nr + 1));
			H;
#ifdef NOTE_AFTER
			cons_woken_up = false;
#endif
#ifndef NO_STATE_LOOK
			dead = (mem[PROD_STATE] == DEAD);	/* T */
#endif
			prod = mem[PROD];			/* B, D */
#ifdef NO_GIVE
			give = false;
#else
			give = (mem[SPACE_WANTED] && prod > cons);
#endif
			if
			:: prod - cons >= n || dead || give
			:: else ->
				MAY_END;
				cons_woken_up;
				/* Who was woken takes what there is. */
				give = true;
				dead = (mem[PROD_STATE] == DEAD);
				prod = mem[PROD]
			fi;
			STORE(cons_buffer, NEED_WAKEUP, 0);
#endif
			goto look
		fi
	od;
	assert(cons == mem[PROD]);
	goto done;
ending:
	STORE(cons_buffer, CONS_STATE, DEAD);			/* S */
	I;
	if
	:: mem[SPACE_WANTED] -> prod_woken_up = true
	:: else
	fi;
done:
	skip
}

#if defined(KILLED) && !defined(NO_WATCHER)
/* The transport: a socket hangs up, a file is released. Stores are drained. */
active proctype watcher()
{
end:
	prod_gone;
	empty(prod_buffer);
	mem[PROD_STATE] = DEAD;
	cons_woken_up = true
}
#endif
