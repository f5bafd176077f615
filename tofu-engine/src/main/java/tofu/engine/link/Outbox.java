package tofu.engine.link;

import tofu.engine.channel.Backlog;
import tofu.pool.Mail;
import tofu.pool.MailBatch;

/// What one loop has collected for one group, so that the group gets one batch and one wake-up.
///
/// Thread: the loop. Owns the mail in it.
public final class Outbox {
    private final Mailbox mailbox;
    private final Deliveries deliveries;
    private final MailBatch batch = new MailBatch();
    private final Backlog backlog = new Backlog();

    Outbox(Mailbox mailbox, Deliveries deliveries) {
        this.mailbox = mailbox;
        this.deliveries = deliveries;
    }

    /// Whose messages these are.
    Mailbox mailbox() {
        return mailbox;
    }

    /// What the group has not taken of what came on this loop.
    Backlog backlog() {
        return backlog;
    }

    void add(Mail mail) {
        if (batch.isEmpty()) {
            deliveries.touched(this);
        }
        batch.add(mail);
    }

    void publish() {
        mailbox.deliver(batch);
    }
}
