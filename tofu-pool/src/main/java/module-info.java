/// The memory of messages: slabs, slots, the pool, and the lease that an application holds.
/// Knows no socket and no thread of its own.
module tofu.pool {
    requires static org.jspecify;
    requires transitive tofu.api;

    exports tofu.pool to
            tofu.cli,
            tofu.engine,
            tofu.tests;
}
