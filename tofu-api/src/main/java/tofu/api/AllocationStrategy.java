package tofu.api;

/// Says what [Ampe#get(AllocationStrategy)] does when the pool has no message left.
public enum AllocationStrategy {
    /// Take a message from the pool only: `null` once [Options#maxPoolMessages()] messages are out.
    POOL_ONLY,

    /// Take a message from the pool, or allocate beyond [Options#maxPoolMessages()], up to the hard
    /// cap of [Options#maxPoolBytes()].
    ALWAYS
}
