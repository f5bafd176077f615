package tofu.bench.duel;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/// Sends through one publication: small messages are written in place, large ones are offered, to
/// be cut up by Aeron. Waits while the receiver is behind.
///
/// Thread: one.
final class AeronSender {
    private final ExclusivePublication publication;
    private final IdleStrategy idle;
    private final BufferClaim claim = new BufferClaim();
    private final UnsafeBuffer array = new UnsafeBuffer(0, 0);

    AeronSender(ExclusivePublication publication, IdleStrategy idle) {
        this.publication = publication;
        this.idle = idle;
    }

    void send(byte[] bytes) {
        array.wrap(bytes);
        send(array, 0, bytes.length);
    }

    void send(DirectBuffer buffer, int offset, int length) {
        while (!offered(buffer, offset, length)) {
            idle.idle();
        }
        idle.reset();
    }

    private boolean offered(DirectBuffer buffer, int offset, int length) {
        long position;
        if (length <= publication.maxPayloadLength()) {
            position = publication.tryClaim(length, claim);
            if (position > 0) {
                claim.buffer().putBytes(claim.offset(), buffer, offset, length);
                claim.commit();
            }
        } else {
            position = publication.offer(buffer, offset, length);
        }
        if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
            throw new IllegalStateException(Publication.errorString(position));
        }
        return position > 0;
    }
}
