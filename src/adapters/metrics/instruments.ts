import type { Meter } from '@opentelemetry/api';

/** Names end with the unit: some Prometheus exporters add it, others don't, and this way the name is the same. */
const seconds = { unit: 's' } as const;
/** From a homeserver next door to one that could not be reached for an hour. */
const boundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
const durations = { ...seconds, advice: { explicitBucketBoundaries: boundaries } };

/** What is counted as it happens. Asking a meter twice for the same instrument gives the same one. */
export function countersOf(meter: Meter) {
  return {
    refreshes: meter.createCounter('matrix_auth.refreshes', {
      description: 'New tokens by a refresh token',
    }),
    logins: meter.createCounter('matrix_auth.logins', { description: 'New tokens by a login' }),
    adoptions: meter.createCounter('matrix_auth.adoptions', {
      description: 'Tokens that another process had renewed',
    }),
    refusals: meter.createCounter('matrix_auth.refusals', {
      description: 'Answers of the homeserver that refused a token, a refresh or a login, by what they mean',
    }),
    failures: meter.createCounter('matrix_auth.failures', {
      description: 'How often the session failed, so that it needed a person',
    }),
    warnings: meter.createCounter('matrix_auth.warnings', {
      description: 'Things that an operator should know although the bot goes on',
    }),
    renewal: meter.createHistogram('matrix_auth.refresh_seconds', {
      ...durations,
      description: 'From the wish for a new token until it was there',
    }),
    reconnect: meter.createHistogram('matrix_auth.reconnect_seconds', {
      ...durations,
      description: 'From the new token until the client was live with it',
    }),
  };
}

/** What is looked up when somebody collects. */
export function gaugesOf(meter: Meter) {
  return {
    withoutToken: meter.createObservableCounter('matrix_auth.unusable_seconds', {
      ...seconds,
      description: 'How long there was no usable token, all in all',
    }),
    held: meter.createObservableGauge('matrix_auth.held_requests', {
      description: 'Requests that wait for a token',
    }),
    outgoing: meter.createObservableGauge('matrix_auth.outgoing_messages', {
      description: 'Messages of send() that the homeserver does not have yet',
    }),
    outgoingAge: meter.createObservableGauge('matrix_auth.outgoing_age_seconds', {
      ...seconds,
      description: 'How long the oldest of them has waited',
    }),
    expiresIn: meter.createObservableGauge('matrix_auth.token_expires_in_seconds', {
      ...seconds,
      description: 'Until the access token expires; negative when it has',
    }),
    usable: meter.createObservableGauge('matrix_auth.usable', {
      description: '1 while requests may use the token, else 0',
    }),
    state: meter.createObservableGauge('matrix_auth.state', {
      description: '1 for the state that the session is in, 0 for the others',
    }),
  };
}
