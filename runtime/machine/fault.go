package machine

// fault breaks one rule of a machine, so that tests can see that the checks of
// the invariants notice. Nothing outside of tests sets one.
type fault uint8

const (
	faultNone          fault = iota
	faultCounter             // a decision depends on something outside of the run
	faultSliceClock          // the clock goes on with every slice
	faultSnapshotEpoch       // snapshots forget the epoch
	faultSameCall            // a repair is no new call
	faultExtraTry            // one attempt too many
	faultNewKey              // every failure renews the idempotency key
	faultStale               // an outcome without a flight is taken for another's
	faultOvergrant           // reservations ignore what is held
	faultKeepHeld            // settling leaves the reservation
	faultNoCaps              // capabilities are not asked
	faultLostWakeup          // a place in a scope that gets free is not given on
	faultLostTimer           // the end of a back-off does nothing
	faultEarlyEnd            // a scope ends one node too early
	faultEarlyStart          // one dependency too few is waited for
	faultAnySkip             // one skipped dependency skips
	faultHandler             // handlers run without a failure
	faultResultOrder         // results are collected as they come
	faultExtraSlot           // one effect too many
	faultLazy                // one effect is started per slice
	faultExtraBody           // one body too many
	faultEarlyTimer          // timers are believed
	faultCancelStarts        // a cancellation forgets what is queued
	faultIgnoreHold          // a hold holds nothing
	faultTwice               // the end of a node is published twice
	faultDeaf                // what settles does not wake who waits for a limit
	faultSkippedExit         // an invocation whose exits were skipped completes
	faultLostExport          // what is inside an invocation is not read outside
	faultObservers           // numbers of events depend on observers
	faultKidBudget           // a process does not look at the System's budget
	faultKidSlots            // a process does not look at the System's slots
	faultKidID               // two processes run under one id
	faultDeafKids            // what one process frees does not wake another
	faultSignalTwice         // a signal is applied again
)

func (m *Machine) broken(f fault) bool { return m.fault == f }

// outside is what faultCounter reads.
var outside uint64
