/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several producers sleep on a full ring, and take each other's space.
 *
 * They reserve, announce, look and finish under their lock, each an atomic step
 * here; they submit, notify and sleep without it. What the consumer freed for a
 * sleeper may be gone before the sleeper looks. A lost wakeup is a deadlock.
 *
 * Each store is seen at once: fences are the business of sleep.pml and
 * shared.pml. Futexes as there: to take note of the word is to forget the wakeups
 * before.
 *
 * Variants, by -D:
 *   WATER=n		all ask for n entries, or for 1 where fewer are left to come
 *   LAG=n		cons stays unpublished up to n entries
 *   NR_MOD=n		sleep numbers are taken modulo n
 *   WAIT_LOCK		one producer sleeps at a time, the others for its lock
 *   NOTE_AFTER		a producer notes its futex word once it has announced itself
 *   LAST_LOOK		a look that finds space takes "starved" back, though another
 *			producer waits
 *   FIRST_CLEARS	the first producer to finish takes the announcement back
 *   WAKE_ONE		a wakeup is for one of the producers
 */
#ifndef RING
#define RING 1
#endif
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef WATER
#define WATER 1
#endif
#ifndef LAG
#define LAG 1
#endif
#ifndef NR_MOD
#define NR_MOD 60
#endif
#ifndef FIRST
#define FIRST 2	/* items of the first; the others have one each */
#endif
#define ITEMS (FIRST + PRODUCERS - 1)

#define WANT(amount, nr) ((nr) * 4 + (amount))
#define AMOUNT(want) ((want) % 4)

/* In memory: pages, entries that show. */
byte space_wanted, need_wakeup, published;
bool shows[ITEMS];

/* The futexes: was the word incremented since it was noted? */
bool prod_woken_up[PRODUCERS], cons_woken_up;

/* struct pcring_prod, with @known for its copy of cons. */
byte prod, known, prod_nr, waiters, smallest, prod_woken;
bool starved;

bool wait_lock;

/* pcring_prod_space(), of @n */
inline space()
{
	if
	:: RING - (prod - known) < n ->
		known = published;
#ifdef LAST_LOOK
		starved = (RING - (prod - known) < n)
#else
		starved = (waiters || RING - (prod - known) < n)
#endif
	:: else
	fi
}

/* pcring_prod_notify(): a step to decide, a step to wake */
inline notify()
{
	atomic {
		if
		:: !need_wakeup || need_wakeup == prod_woken
		:: else ->
			avail = prod - published;
			if
			:: avail < AMOUNT(need_wakeup) && !starved
			:: else -> prod_woken = need_wakeup; wakes = true
			fi;
			avail = 0
		fi
	}
	if
	:: wakes -> atomic { cons_woken_up = true; wakes = false }
	:: else
	fi
}

/* pcring_prod_prepare_wait() */
inline announce()
{
	if
	:: waiters && smallest < n
	:: else -> smallest = n
	fi;
	waiters++;
	prod_nr = (prod_nr + 1) % NR_MOD;
	starved = true;
	space_wanted = WANT(smallest, prod_nr + 1)
}

/* pcring_prod_finish_wait() */
inline finish()
{
	waiters--;
	if
#ifdef FIRST_CLEARS
	:: true ->
#else
	:: waiters
	:: else ->
#endif
		space_wanted = 0;
		starved = false
	fi
}

active [PRODUCERS] proctype producer()
{
	byte left = (_pid -> 1 : FIRST), n, pos, avail;
	bool ok, wakes;

	do
	:: left == 0 -> break
	:: else ->
		n = (left < WATER -> 1 : WATER);
reserve:
		atomic {
			space();
			ok = (RING - (prod - known) >= n);
			if
			:: ok -> pos = prod; prod = prod + n
			:: else
			fi
		}
		if
		:: ok ->
			atomic {
				left = left - n;
				do
				:: n -> n--; shows[pos + n] = true	/* A */
				:: else -> pos = 0; break
				od
			}
			notify()
		:: else ->
			notify();
#ifdef WAIT_LOCK
			atomic { !wait_lock -> wait_lock = true }
#endif
#ifndef NOTE_AFTER
			prod_woken_up[_pid] = false;
#endif
			atomic { announce() }
			notify();
#ifdef NOTE_AFTER
			prod_woken_up[_pid] = false;
#endif
			atomic { space(); ok = (RING - (prod - known) >= n) }
			if
			:: ok
			:: else -> prod_woken_up[_pid]
			fi;
			atomic { finish() }
#ifdef WAIT_LOCK
			wait_lock = false;
#endif
			goto reserve
		fi
	od
}

inline wake()
{
	atomic {
#ifdef WAKE_ONE
		do
		:: i < PRODUCERS - 1 -> i++
		:: prod_woken_up[i] = true; break
		od;
#else
		do
		:: i < PRODUCERS -> prod_woken_up[i] = true; i++
		:: else -> break
		od;
#endif
		i = 0;
		wakes = false
	}
}

/* pcring_cons_publish(): to publish, to decide, to wake */
inline publish()
{
	if
	:: published != cons ->
		published = cons;					/* E */
		atomic {
			if
			:: !space_wanted || space_wanted == woken
			:: RING - (prod - cons) < AMOUNT(space_wanted)
			:: else -> woken = space_wanted; wakes = true
			fi
		}
		if
		:: wakes -> wake()
		:: else
		fi
	:: else
	fi
}

/* Entries that show, from @cons on. */
inline count()
{
	avail = 0;
	do
	:: cons + avail < ITEMS && shows[cons + avail] -> avail++
	:: else -> break
	od
}

active proctype consumer()
{
	byte cons, n, nr, i, avail, woken;
	bool give, wakes;

	do
	:: cons == ITEMS -> break
	:: else ->
		n = (ITEMS - cons < WATER -> 1 : WATER);
		give = false;
look:
		atomic { count() }
		if
		:: avail >= n || (avail && give) ->
			cons++;
			avail = 0;
			give = false;
			if
			:: cons - published >= LAG -> publish()
			:: else
			fi
		:: else ->
			publish();
			cons_woken_up = false;
			nr = (nr + 1) % NR_MOD;
			need_wakeup = WANT(n, nr + 1);
			atomic { count() }
			if
			:: avail >= n || (avail && space_wanted) -> give = true
			:: else ->
				cons_woken_up;
				/* Who was woken takes what there is. */
				give = true
			fi;
			need_wakeup = 0;
			goto look
		fi
	od
}
