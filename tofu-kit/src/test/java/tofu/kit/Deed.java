package tofu.kit;

/// What somebody whom a dispatcher calls does, after he has noted that he was called.
enum Deed {
    NOTE,
    /// A filter: lets nobody behind it have the message.
    TAKE,
    /// Takes itself away.
    LEAVE,
    CLOSE,
    KEEP,
    THROW,
    /// Throws what is no exception.
    FAIL,
    /// Has something else done as soon as possible.
    AGAIN;

    boolean fails() {
        return this == THROW || this == FAIL;
    }

    /// Throws, if it is such a deed.
    ///
    /// @param name of who does it
    void failAs(String name) {
        if (this == THROW) {
            throw new IllegalStateException(name);
        }
        if (this == FAIL) {
            throw new AssertionError(name);
        }
    }
}
