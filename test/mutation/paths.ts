// The tests that mutants of the paths have to face, in one file: it loads XState once, not once for each.
import '../machines/cases-events.test.ts';
import '../machines/structure-transitions.test.ts';
import '../machines/cases-state-key.test.ts';
import '../machines/paths-plans.test.ts';
import '../machines/cases-plan.test.ts';
