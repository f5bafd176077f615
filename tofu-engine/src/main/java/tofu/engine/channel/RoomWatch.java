package tofu.engine.channel;

import tofu.api.Status;

/// Sees to it that whoever was refused by a full send queue hears of it when there is room.
///
/// What is sent makes room, so that is when to look. But who was refused for want of memory while
/// nothing was queued has nobody to make room: for him it looks every so often.
///
/// Thread: the loop.
final class RoomWatch {
    /// How often to look whether there is memory.
    private static final long LOOK_NANOS = 50_000_000;

    private final SendQueue queue;
    private final Life life;
    private final SoleNotice notice;

    /// When to look for memory, while somebody wants some.
    private long lookDeadline = Deadline.NONE;

    RoomWatch(SendQueue queue, Outlet outlet, Life life) {
        this.queue = queue;
        this.life = life;
        this.notice = new SoleNotice(outlet, Status.SEND_QUEUE_READY);
    }

    /// When [#onTick(long)] has something to do.
    long deadlineNanos() {
        return lookDeadline;
    }

    /// Somebody may have been refused. He is not told at once: he would try at once, and be refused
    /// again if what is free is not to be had.
    void onPost(long nowNanos) {
        look(nowNanos, false);
    }

    void onTick(long nowNanos) {
        if (Deadline.isDue(lookDeadline, nowNanos)) {
            look(nowNanos, true);
        }
    }

    private void look(long nowNanos, boolean due) {
        if (queue.awaitsMemory(due)) {
            if (due || lookDeadline == Deadline.NONE) {
                lookDeadline = Deadline.after(nowNanos, LOOK_NANOS);
            }
        } else {
            lookDeadline = Deadline.NONE;
            tell(nowNanos);
        }
    }

    /// Something has left the queue, or memory has come back: tells of the room, if that is enough.
    void tell(long nowNanos) {
        queue.endStallIfLow(nowNanos);
        if (life.state() != State.CLOSED && queue.roomMade()) {
            notice.tell(life.firstId());
        }
    }

    /// The stream has ended: nothing is to be had any more.
    void end() {
        lookDeadline = Deadline.NONE;
    }
}
