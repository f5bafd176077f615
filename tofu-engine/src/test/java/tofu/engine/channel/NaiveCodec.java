package tofu.engine.channel;

import org.jspecify.annotations.Nullable;
import tofu.api.Status;

/// The wire spec, sections 1 and 3, once more: reads all bytes of a connection one frame after the
/// other, in the plainest way, and shares no code with what it is compared to.
///
/// The bytes may grow behind the codec's back, up to the end that each call names.
///
/// Thread: one at a time.
final class NaiveCodec {
    /// Whose stream it is.
    enum Side {
        /// What a server receives: a HelloRequest comes first, and only then.
        SERVER,
        /// What a client receives: a HelloResponse comes once, or never.
        CLIENT,
        /// Anybody's: each frame is judged by itself.
        ANY
    }

    /// What ends the frames.
    enum Verdict {
        /// Nothing: the bytes end with a frame.
        WHOLE,
        /// The bytes end within a frame.
        PARTIAL,
        /// The next header is refused.
        REFUSED,
        /// A ByeResponse, which closes the connection: what follows counts for nothing.
        OVER
    }

    private static final int REQUEST = 0;
    private static final int SIGNAL = 2;
    private static final int HELLO_REQUEST = 3;
    private static final int HELLO_RESPONSE = 4;
    private static final int BYE_REQUEST = 5;
    private static final int BYE_RESPONSE = 6;
    private static final int BYE_SIGNAL = 7;
    private static final int WELCOME_RESPONSE = 9;

    private final Side side;
    private final int number;
    private int at;
    private boolean greeted;
    private boolean saidBye;
    private boolean over;
    private Verdict verdict = Verdict.WHOLE;
    private Status refusal = Status.SUCCESS;

    /// Makes a codec for a receiver that knows the connection by this channel number.
    NaiveCodec(Side side, int number) {
        this.side = side;
        this.number = number;
    }

    /// Why there is no next frame; good after [#next] has said so.
    Verdict verdict() {
        return verdict;
    }

    Status refusal() {
        return refusal;
    }

    /// Whether a bye was read.
    boolean hasSaidBye() {
        return saidBye;
    }

    /// Where the next frame begins.
    int position() {
        return at;
    }

    /// Reads a frame.
    ///
    /// @return the frame as a receiver is to see it, `null` if there is none: see [#verdict()]
    byte @Nullable [] next(byte[] bytes, int end) {
        if (over) {
            verdict = Verdict.OVER;
            return null;
        }
        if (at == end) {
            verdict = Verdict.WHOLE;
            return null;
        }
        if (end - at < 16) {
            verdict = Verdict.PARTIAL;
            return null;
        }
        refusal = judge(bytes);
        if (refusal != Status.SUCCESS) {
            verdict = Verdict.REFUSED;
            return null;
        }
        int length = 16 + number(bytes, 12) + number(bytes, 14);
        if (end - at < length) {
            verdict = Verdict.PARTIAL;
            return null;
        }
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = bytes[at + i];
        }
        int opCode = frame[2] & 15;
        frame[0] = (byte) (number / 256);
        frame[1] = (byte) (number % 256);
        frame[2] = (byte) (frame[2] & 0b0110_1111);
        frame[3] = 0;
        at += length;
        greeted |= opCode == HELLO_REQUEST || opCode == HELLO_RESPONSE;
        saidBye |= opCode == BYE_REQUEST || opCode == BYE_RESPONSE;
        over = opCode == BYE_RESPONSE && side != Side.ANY;
        return frame;
    }

    /// The first of the spec's checks that fails decides.
    private Status judge(byte[] bytes) {
        int proto = bytes[at + 2];
        int opCode = proto & 15;
        if (opCode < REQUEST || opCode > WELCOME_RESPONSE) {
            return Status.INVALID_OP_CODE;
        }
        if (opCode >= BYE_SIGNAL) {
            return Status.INVALID_MESSAGE;
        }
        boolean hasId = false;
        for (int i = 4; i < 12; i++) {
            hasId |= bytes[at + i] != 0;
        }
        if (opCode != SIGNAL && !hasId) {
            return Status.INVALID_MESSAGE_ID;
        }
        boolean more = (proto & 0b0010_0000) != 0;
        if (opCode >= HELLO_REQUEST && more) {
            return Status.INVALID_MORE_USAGE;
        }
        boolean inTurn =
                switch (side) {
                    case ANY -> true;
                    case SERVER ->
                            !saidBye
                                    && opCode != HELLO_RESPONSE
                                    && (opCode == HELLO_REQUEST) == !greeted;
                    case CLIENT ->
                            !saidBye
                                    && opCode != HELLO_REQUEST
                                    && !(opCode == HELLO_RESPONSE && greeted);
                };
        return inTurn ? Status.SUCCESS : Status.INVALID_MESSAGE;
    }

    private int number(byte[] bytes, int offset) {
        return (bytes[at + offset] & 255) * 256 + (bytes[at + offset + 1] & 255);
    }
}
