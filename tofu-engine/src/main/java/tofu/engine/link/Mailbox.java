package tofu.engine.link;

import tofu.engine.loop.Leader;
import tofu.engine.loop.Waiter;
import tofu.pool.SlotBatch;

/// A group, as its channels see it: whom to deliver to.
public interface Mailbox extends Waiter {
    /// Takes messages, or frees them if it is closed already. Any loop.
    ///
    /// @param batch the messages; empty after it
    void deliver(SlotBatch batch);

    /// Where a loop collects what it has for the group.
    ///
    /// @param bench the loop's
    /// @return the only one of both
    Outbox outbox(Workbench bench);

    /// Who receives for the group.
    ///
    /// @return the same one each time
    Leader leader();
}
