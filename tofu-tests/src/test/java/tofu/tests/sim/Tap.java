package tofu.tests.sim;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/// Looks at what an engine writes to one connection, and tells which frames went out whole. It
/// knows the frame's layout from the wire spec, not from the engine.
///
/// Thread: one.
final class Tap {
    private static final int HEADER = 16;
    private static final int LAST_THAT_TRAVELS = 6;
    private static final int NEVER_SET = 0x90;

    private final LongConsumer onFrame;
    private final byte[] header = new byte[HEADER];
    private int headerFilled;
    private int left;

    /// Makes a tap that tells the ids of whole frames.
    Tap(LongConsumer onFrame) {
        this.onFrame = onFrame;
    }

    void onWritten(ByteBuffer source, int start, int count) {
        int position = start;
        int end = start + count;
        while (position < end) {
            if (headerFilled < HEADER) {
                int part = Math.min(HEADER - headerFilled, end - position);
                source.get(position, header, headerFilled, part);
                headerFilled += part;
                position += part;
                if (headerFilled == HEADER) {
                    left = lengthBehindHeader();
                }
            } else {
                int part = Math.min(left, end - position);
                left -= part;
                position += part;
            }
            if (headerFilled == HEADER && left == 0) {
                headerFilled = 0;
                onFrame.accept(ByteBuffer.wrap(header).getLong(4));
            }
        }
    }

    private int lengthBehindHeader() {
        ByteBuffer fields = ByteBuffer.wrap(header);
        int proto = fields.get(2);
        int opCode = proto & 0x0F;
        boolean travels = opCode <= LAST_THAT_TRAVELS && (proto & NEVER_SET) == 0;
        if (fields.getShort(0) == 0 || !travels || fields.get(3) != 0) {
            throw new Violation(
                    "on the wire: channel %d, proto %02x, status %d"
                            .formatted(fields.getShort(0), proto & 0xFF, fields.get(3)));
        }
        return (fields.getShort(12) & 0xFFFF) + (fields.getShort(14) & 0xFFFF);
    }
}
