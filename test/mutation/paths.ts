// The tests that mutants of the paths have to face, in one file: it loads XState once, not once for each.
import '../machines/auth/model/cases-events.test.ts';
import '../statechart/structure.test.ts';
import '../machines/auth/model/state-key.test.ts';
import '../statechart/paths/plans.test.ts';
import '../machines/auth/model/cases-plan.test.ts';
