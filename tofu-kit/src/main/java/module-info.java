/// The everyday part of an application, on the public API alone: a receive loop with handlers and
/// timers, requests with answers, connections that come back, servers with sessions, heartbeats,
/// topics and work queues. Begin with [tofu.kit.Dispatcher].
module tofu.kit {
    requires static org.jspecify;
    requires transitive tofu.api;

    exports tofu.kit;
}
