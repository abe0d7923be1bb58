// Package machine is the deterministic core of a run: the whole meaning of a
// pipeline, and no goroutine, clock, randomness, input or output.
//
// # In and out
//
// A program comes in once (Load compiles it). Then one Machine per run takes
// Events, one at a time: the run was started, an effect settled, a timer fired,
// somebody cancelled. For each it changes its state and asks for Cmds: start
// this effect, set that timer, publish this, the run is over. Who carries the
// commands out, an engine, a simulation or a test, is no concern of the machine.
// The same events always give the same states and the same commands, so the
// journal of a run needs to hold nothing but its events (Record), a crash is
// answered by applying them again (Replay), and a Snapshot only saves time.
//
// # A node's way
//
// A run is a tree of scopes: the pipeline's top level, and an instance of a body
// for each iteration or branch that is under way. A node waits in its scope until
// every edge that leads to it has settled, whatever became of its sources. Then
// it is looked at once (decide): it may be cancelled because the run stops, be
// skipped (nothing to handle, a source failed, all data sources were skipped, no
// router selected it, its condition is false), fail, or start. What it then does
// depends on its kind:
//
//   - expression_node and data_node are pure: they are computed on the spot, are
//     no part of the journal, and are computed again in a replay.
//   - function_node and llm_node are effects. They wait for a slot, pass the gate
//     (capabilities, then limits), are started with a token, and settle when an
//     outcome comes for that token. A failure may be tried again after a pause; an
//     answer that does not fit its schema is sent back. Each call is a durable
//     step with a path (`triage[17]/answer#2`): once it has succeeded it is never
//     made again.
//   - an invocation of a macro is a composite whose body runs once; nodes outside
//     that read one inside do so through an export beside the invocation, which
//     settles as the inner node did (macro.go).
//   - composite_node opens scopes, a few at a time, in the order of its items,
//     and collects their results.
//
// A settled node tells its dependents, and the last one of a scope its composite;
// when the top scope has settled the run is over. Nothing here recurses over
// nodes: whoever may go on gets an entry in a queue, ordered by the age of its
// scope, so that a run of a hundred thousand nodes needs neither a deep stack nor
// more open scopes than its loops allow.
//
// # Failures
//
// An attempt that fails is tried again if its class and the node's attempts
// allow it. A node that failed for good is handed to its on_error handlers, which
// run once all that they guard has settled. A failure that no handler completes
// for is unhandled: it fails the scope, and by kernel.on_failure stops what else
// goes on there (only handlers still start), lets it go on, or cancels it. A
// failed body is an item's error for its composite; a failed top scope is a
// failed run.
//
// # Limits
//
// Whatever is limited is reserved before a call and settled after it (ledger): a
// call takes place only if it fits next to all that is used and held. What cannot
// fit now waits, first come, first served, holding nothing; what can never fit
// is denied. Nobody's usage after a crash is known, so all of it counts as used.
//
// # Invariants
//
//   - Determinism: equal events give equal states, commands and digests, with any
//     observers, from the start or from any snapshot.
//   - The state is a function of the events and of how many slices of work ran
//     between them; without events in between the size of slices does not matter.
//   - Every node ends as completed, failed, skipped or cancelled, once. Nothing
//     starts after the end or a cancellation.
//   - Used plus held never exceeds a limit, nor do the calls that the world sees,
//     crashes included.
//   - Time and memory are linear in the nodes that run; a node that waits costs
//     24 bytes and a value.
//
// The package sim plays random programs in random orders with crashes, late and
// duplicate outcomes, and checks these and two dozen more; fault_test.go breaks
// the rules one by one and sees that the checks notice.
//
// # The three hardest cases
//
//  1. An effect that nobody knows the end of: its process died, or it timed out
//     and goes on somewhere. Its token is worthless from then on, its reservation
//     counts in full, its idempotency key stays for the next attempt, and should
//     its outcome come after all, only its usage counts.
//  2. Stopping: an unhandled failure in one place, handlers that still have to
//     run in another, loops in between that have bodies open, and all of that at
//     once with a cancellation or a time-out. See stop.go.
//  3. Who gets the next slot: effects wait for the run's slots, for a slot of
//     each body around them, and for limits; a place that one cannot take after
//     all has to go to the next, or the run hangs. See dispatch.go.
package machine
