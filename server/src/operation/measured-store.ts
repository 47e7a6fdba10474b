// The figures of sign-ins come out of what is committed: every step is a list of changes with its audit event, so the
// flows need not count anything, and nothing is counted that did not happen.

import type { AuditEvent } from '#core/audit.ts';
import type { Change } from '#core/changes.ts';
import type { Store } from '#core/ports.ts';
import type { Figures } from './figures.ts';

/** The same store, with its commits measured. */
export function measureStore(store: Store, figures: Figures): Store {
  const commits = figures.counter(
    'secondring_commits_total',
    'Lists of changes, by what became of them.',
    ['outcome'],
    [['committed'], ['refused'], ['failed']],
  );
  const durations = figures.histogram(
    'secondring_commit_duration_seconds',
    'Time until a list of changes was durable or refused.',
    [],
  );
  const refusals = figures.counter(
    'secondring_commit_refusals_total',
    'Changes whose condition did not hold, with everything beside them.',
    ['change'],
  );
  const count = countChanges(figures);
  return {
    ...store,
    async commit(changes) {
      const startedAtMs = performance.now();
      try {
        const result = await store.commit(changes);
        if (result.committed) {
          commits.add('committed');
          for (const change of changes) count(change);
        } else {
          commits.add('refused');
          refusals.add(result.refused.change);
        }
        return result;
      } catch (error) {
        commits.add('failed');
        throw error;
      } finally {
        durations.observe((performance.now() - startedAtMs) / 1000);
      }
    },
  };
}

function countChanges(figures: Figures): (change: Change) => void {
  const signIns = figures.counter(
    'secondring_sign_ins_total',
    'Sign-ins: begun, and how they ended. What neither succeeded nor was refused was left behind.',
    ['outcome'],
    [['begun'], ['succeeded'], ['refused']],
  );
  const passwords = figures.counter('secondring_passwords_total', 'Passwords given, by what they came to.', [
    'outcome',
  ]);
  const factors = figures.counter('secondring_factors_total', 'Answers to challenges, by kind of factor.', [
    'kind',
    'outcome',
  ]);
  const events = figures.counter('secondring_audit_events_total', 'Audit events by name.', ['event']);

  function countEvent({ event, facts }: AuditEvent): void {
    events.add(event);
    if (event === 'sign-in.succeeded') signIns.add('succeeded');
    else if (event === 'sign-in.refused') signIns.add('refused');
    else if (event === 'password.accepted') passwords.add('accepted');
    else if (event === 'password.refused') passwords.add(String(facts['reason']));
    else if (event === 'factor.accepted') factors.add(String(facts['kind']), 'accepted');
    else if (event === 'factor.refused') factors.add(String(facts['kind']), String(facts['reason']));
    else if (event === 'factor.locked') factors.add(String(facts['kind']), 'locked');
  }

  return (change) => {
    if (change.change === 'sign-in.begin') signIns.add('begun');
    else if (change.change === 'audit.append') countEvent(change.event);
  };
}
