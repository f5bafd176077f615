package tofu.engine.link;

import tofu.engine.loop.Leader;
import tofu.engine.loop.Waiter;
import tofu.pool.MailBatch;

/// A group, as its channels see it: whom to deliver to.
public interface Mailbox extends Waiter {
    /// Takes messages, or frees them if it is closed already. Any loop.
    ///
    /// @param batch the messages; empty after it
    void deliver(MailBatch batch);

    /// Who receives for the group.
    ///
    /// @return the same one each time
    Leader leader();

    /// What has befallen its channels.
    ///
    /// @return the same one each time
    Totals totals();
}
