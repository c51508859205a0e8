// The router's one metric, in the line that it logs anyway: CloudWatch makes it of the log, by its embedded metric format.
const FAULTS = new Set(['DOWNSTREAM_SERVICE_ERROR', 'INTERNAL_SERVER_ERROR', 'THROTTLED', 'TIMEOUT']);

/** What a record adds: 1 for an answer that failed for no fault of who asked, though its status doesn't say so. */
export function measured(namespace, codes, status) {
  if (!namespace) return {};
  const metric = { Namespace: namespace, Dimensions: [['service']], Metrics: [{ Name: 'Failed', Unit: 'Count' }] };
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [metric] },
    Failed: status < 500 && codes.some(code => FAULTS.has(code)) ? 1 : 0,
  };
}
