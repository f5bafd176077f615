package tofu.pool;

import tofu.api.Statistics;

/// How much memory for the logs of one direction there is.
///
/// Threads: any.
record LogFigures(long usedBytes, long bytes, long maxBytes) implements Statistics.Log {}
