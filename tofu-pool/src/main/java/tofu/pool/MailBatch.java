package tofu.pool;

import org.jspecify.annotations.Nullable;

/// Mail that one producer collects to add them to a [MailQueue] at once.
///
/// Thread: one at a time. Owns the mail in it.
public final class MailBatch {
    private @Nullable Mail oldest;
    private @Nullable Mail newest;

    /// An empty batch.
    public MailBatch() {}

    /// Adds a piece, to come out after those before.
    ///
    /// @param mail mail that is in no chain
    public void add(Mail mail) {
        mail.next = null;
        Mail before = newest;
        if (before == null) {
            oldest = mail;
        } else {
            before.next = mail;
        }
        newest = mail;
    }

    /// Whether there is no mail.
    ///
    /// @return true when empty
    public boolean isEmpty() {
        return oldest == null;
    }

    /// Moves all mail to a queue; the batch is empty then. A closed queue's share is
    /// discarded.
    ///
    /// @param queue the queue
    /// @return what became of them; [MailQueue.Offer#BEHIND] for an empty batch
    public MailQueue.Offer moveTo(MailQueue queue) {
        Mail last = newest;
        Mail first = oldest;
        if (last == null || first == null) {
            return MailQueue.Offer.BEHIND;
        }
        newest = null;
        oldest = null;
        MailQueue.Offer offer = queue.offerChain(first, last);
        if (offer == MailQueue.Offer.CLOSED) {
            discardAll(first);
        }
        return offer;
    }

    private static void discardAll(Mail oldest) {
        Mail mail = oldest;
        while (mail != null) {
            Mail following = mail.next;
            mail.discard();
            mail = following;
        }
    }
}
