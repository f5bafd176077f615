package tofu.engine.channel;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tofu.engine.fuzz.FuzzInput;

/// What an input of [FrameFuzz] says: the bytes of a connection, the pieces that they come in, and
/// when there is no memory.
///
/// ```
/// | mode | script length | script: two bytes for each piece, again and again | the connection |
/// mode: bits 0-1 whose stream, 2-3 which pool, 7 payloads are not in the input but made up
/// piece: bits 0-1 unit of the length, 2-7 what else happens; then the length
/// ```
///
/// Thread: one at a time.
final class FrameScript {
    /// What happens before a piece comes.
    enum Event {
        /// Where to read to is asked for, and nothing comes.
        VAIN,
        /// No more is to be read than a few bytes.
        LITTLE,
        /// No more is to be read than what is missing of a frame.
        MISSING,
        /// Somebody else takes all memory that is left.
        HOG,
        /// The application takes one message.
        TAKE_ONE,
        /// The application takes all messages.
        TAKE_ALL
    }

    private static final int MADE_UP = 0x80;
    private static final int MAX_MADE_UP_BYTES = 300_000;
    private static final byte[] PAYLOAD = payload();
    private static final int MAX_SCRIPT = 64;
    private static final int[] UNITS = {1, 64, 1_024};

    final NaiveCodec.Side side;
    final int pool;
    final byte[] stream;
    private final byte[] script;
    private final int @Nullable [] cuts;
    private int turn;
    private int events;

    FrameScript(byte[] data) {
        this(data, null);
    }

    /// Reads an input, but for its script.
    ///
    /// @param cuts where the connection is cut instead, in ascending order
    FrameScript(byte[] data, int @Nullable [] cuts) {
        this.cuts = cuts;
        FuzzInput input = new FuzzInput(data);
        int mode = input.octet();
        side =
                switch (mode & 3) {
                    case 0 -> NaiveCodec.Side.SERVER;
                    case 1 -> NaiveCodec.Side.CLIENT;
                    default -> NaiveCodec.Side.ANY;
                };
        pool = mode >> 2 & 3;
        script = input.bytes(input.octet() % MAX_SCRIPT);
        stream = (mode & MADE_UP) == 0 ? input.rest() : madeUp(input);
    }

    /// Goes to the next piece.
    ///
    /// @param position where it begins
    /// @return its length at most, 1 or more
    int nextPiece(int position) {
        if (cuts != null) {
            int next =
                    Arrays.stream(cuts)
                            .filter(cut -> cut > position)
                            .findFirst()
                            .orElse(stream.length);
            return next - position;
        }
        if (script.length < 2) {
            return Integer.MAX_VALUE;
        }
        int place = turn++ * 2 % (script.length & ~1);
        int unit = script[place] & 3;
        events = (script[place] & 0xFF) >> 2;
        return unit == UNITS.length
                ? Integer.MAX_VALUE
                : 1 + (script[place + 1] & 0xFF) * UNITS[unit];
    }

    /// Whether something happens before the piece.
    boolean happens(Event event) {
        return (events >> event.ordinal() & 1) != 0;
    }

    /// Headers from the input, and as much payload behind each as it says.
    private static byte[] madeUp(FuzzInput input) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        while (!input.isEmpty()) {
            byte[] header = input.bytes(16);
            stream.writeBytes(header);
            if (header.length == 16) {
                FuzzInput lengths = new FuzzInput(Arrays.copyOfRange(header, 12, 16));
                int length = lengths.pair() + lengths.pair();
                length = Math.min(length, MAX_MADE_UP_BYTES - stream.size());
                stream.write(PAYLOAD, header[11] & 0xFF, Math.max(length, 0));
            }
        }
        return stream.toByteArray();
    }

    private static byte[] payload() {
        byte[] payload = new byte[MAX_MADE_UP_BYTES + 0xFF];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (i % 251);
        }
        return payload;
    }
}
