package tofu.pool;

import org.jspecify.annotations.Nullable;

/// A first-in, first-out chain of mail, linked through itself.
///
/// Thread: one at a time. Owns the mail in it.
public final class MailChain {
    private @Nullable Mail first;
    private @Nullable Mail last;

    /// An empty chain.
    public MailChain() {}

    /// Whether there is no mail.
    ///
    /// @return true when empty
    public boolean isEmpty() {
        return first == null;
    }

    /// The first piece; walk on with [Mail#next()].
    ///
    /// @return the mail, which stays in the chain, or `null`
    public @Nullable Mail first() {
        return first;
    }

    /// Adds a piece at the end.
    ///
    /// @param mail mail that is in no chain
    public void addLast(Mail mail) {
        mail.next = null;
        Mail tail = last;
        if (tail == null) {
            first = mail;
        } else {
            tail.next = mail;
        }
        last = mail;
    }

    /// Adds linked mail at the end.
    ///
    /// @param oldest the first of them
    /// @param newest the last of them, which links to nothing
    void addChain(Mail oldest, Mail newest) {
        Mail tail = last;
        if (tail == null) {
            first = oldest;
        } else {
            tail.next = oldest;
        }
        last = newest;
    }

    /// Removes the first piece.
    ///
    /// @return the mail, or `null`
    public @Nullable Mail pollFirst() {
        Mail mail = first;
        if (mail != null) {
            first = mail.next;
            if (first == null) {
                last = null;
            }
            mail.next = null;
        }
        return mail;
    }

    /// Removes the piece behind another one, which there is.
    ///
    /// @param before a piece of this chain that is not its last
    public void removeBehind(Mail before) {
        Mail removed = before.next;
        if (removed == null) {
            throw new IllegalStateException("nothing is behind it");
        }
        before.next = removed.next;
        if (last == removed) {
            last = before;
        }
        removed.next = null;
    }

    /// Discards all mail; the chain is empty then.
    public void discardAll() {
        for (Mail mail = pollFirst(); mail != null; mail = pollFirst()) {
            mail.discard();
        }
    }
}
