package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.api.Statistics.DeadlineName;

/// Until when a stream waits, and for what: for the next step of its life, for the rest of a frame
/// that has begun, and for a peer that takes nothing to take something. Each of the three runs or
/// does not, whatever the others do.
///
/// A step is a connection, a handshake, the peer's bye or its end; one at a time is awaited.
///
/// The time for a frame runs while it is the peer's turn only. It ends when we hold reading, and
/// begins anew behind that. While there is no memory to read on into it stands still: it does not
/// begin anew, or a frame that comes in crumbs would have no end.
///
/// Thread: the loop. Knows no time but what it is told.
final class Deadlines {
    private final Limits limits;

    /// The step that was awaited last; still is, unless its deadline is [Deadline#NONE].
    private DeadlineName step = DeadlineName.CONNECT;

    private long stepDeadline = Deadline.NONE;
    private long frameDeadline = Deadline.NONE;

    /// What is left of the peer's time for a frame, while that stands still; else 0.
    private long frameNanosLeft;

    private long sendDeadline = Deadline.NONE;

    /// @param limits says how long each of them is
    Deadlines(Limits limits) {
        this.limits = limits;
    }

    /// When the first of them comes; [Deadline#NONE] if none runs.
    long earliest() {
        return Deadline.earlier(Deadline.earlier(stepDeadline, frameDeadline), sendDeadline);
    }

    /// What has not come in time, the step before the others; `null` if nobody is late.
    @Nullable DeadlineName due(long nowNanos) {
        if (Deadline.isDue(stepDeadline, nowNanos)) {
            return step;
        }
        if (Deadline.isDue(frameDeadline, nowNanos)) {
            return DeadlineName.FRAME;
        }
        return Deadline.isDue(sendDeadline, nowNanos) ? DeadlineName.SEND : null;
    }

    /// Nothing is awaited any more.
    void clear() {
        stepDeadline = Deadline.NONE;
        sendDeadline = Deadline.NONE;
        forgetFrame();
    }

    // ---- the next step

    /// From now on this is awaited, and no other step.
    void await(DeadlineName next, long nowNanos) {
        step = next;
        stepDeadline = Deadline.after(nowNanos, stepNanos(next));
    }

    private long stepNanos(DeadlineName name) {
        return switch (name) {
            case CONNECT -> limits.connectNanos();
            case HANDSHAKE -> limits.handshakeNanos();
            case BYE -> limits.byeNanos();
            case CLOSE -> limits.closeNanos();
            case FRAME, SEND -> throw new IllegalArgumentException(name + " is no step");
        };
    }

    /// Whether this is the step that is awaited.
    boolean awaits(DeadlineName one) {
        return step == one && stepDeadline != Deadline.NONE;
    }

    /// The peer has its time for this step once more, if it is awaited.
    void awaitAnew(DeadlineName one, long nowNanos) {
        if (awaits(one)) {
            await(one, nowNanos);
        }
    }

    /// This step is not awaited any more, if it was.
    void forget(DeadlineName one) {
        if (awaits(one)) {
            stepDeadline = Deadline.NONE;
        }
    }

    // ---- a frame

    /// Bytes of frames have come.
    ///
    /// @param partial whether a frame has begun, and not ended
    /// @param another whether it may be another one than before
    void onFrames(boolean partial, boolean another, long nowNanos) {
        if (!partial) {
            frameDeadline = Deadline.NONE;
        } else if (another || frameDeadline == Deadline.NONE) {
            frameDeadline = Deadline.after(nowNanos, limits.frameNanos());
        }
    }

    /// It is our turn now, not the peer's.
    void holdFrame() {
        frameDeadline = Deadline.NONE;
    }

    /// It is the peer's turn again, which has begun a frame.
    void resumeFrame(long nowNanos) {
        if (frameDeadline == Deadline.NONE && frameNanosLeft == 0) {
            frameDeadline = Deadline.after(nowNanos, limits.frameNanos());
        }
    }

    /// The time for a frame stands still from now on, if it runs.
    void stopFrame(long nowNanos) {
        if (frameDeadline != Deadline.NONE) {
            frameNanosLeft = Math.max(frameDeadline - nowNanos, 1);
            frameDeadline = Deadline.NONE;
        }
    }

    /// It goes on with what was left, if it stood still.
    void continueFrame(long nowNanos) {
        if (frameNanosLeft > 0) {
            frameDeadline = Deadline.after(nowNanos, frameNanosLeft);
            frameNanosLeft = 0;
        }
    }

    /// No frame is awaited, nor its rest.
    void forgetFrame() {
        frameDeadline = Deadline.NONE;
        frameNanosLeft = 0;
    }

    /// For how long the time for a frame has run; not more than 0 if it does not.
    long frameAgeNanos(long nowNanos) {
        return frameDeadline == Deadline.NONE
                ? 0
                : limits.frameNanos() - (frameDeadline - nowNanos);
    }

    // ---- what we send

    /// The peer takes nothing now. To be told again buys it no time.
    void onSendBlocked(long nowNanos) {
        if (sendDeadline == Deadline.NONE && limits.sendNanos() > 0) {
            sendDeadline = Deadline.after(nowNanos, limits.sendNanos());
        }
    }

    /// It has taken something.
    void onSent() {
        sendDeadline = Deadline.NONE;
    }
}
