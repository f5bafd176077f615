package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import tofu.api.Address;
import tofu.api.AllocationStrategy;
import tofu.api.LeakDetection;
import tofu.api.Message;

/// Pools and slots for tests.
final class Pools {
    /// Capacities of all size classes, smallest first.
    static final List<Integer> CAPACITIES =
            List.of(128, 320, 1_088, 4_160, 16_448, 65_600, 131_136);

    /// Slots of the reserve for notices.
    static final int RESERVE = 64;

    /// Memory of that reserve, in bytes.
    static final long RESERVE_BYTES = RESERVE * 128L;

    static final long MEBIBYTE = 1 << 20;

    private static final SlotPool HEADED = ample();

    private Pools() {}

    /// A pool that is never empty in a test, and watches nothing.
    static SlotPool ample() {
        return pool(1 << 20, 64 * MEBIBYTE);
    }

    static SlotPool pool(int maxMessages, long maxBytes) {
        return new SlotPool(0, maxMessages, maxBytes, LeakDetection.OFF);
    }

    static SlabMessage lease(SlotPool pool) {
        return Objects.requireNonNull(pool.get(AllocationStrategy.ALWAYS));
    }

    static List<SlabMessage> leases(SlotPool pool, int count) {
        List<SlabMessage> leases = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            leases.add(lease(pool));
        }
        return leases;
    }

    /// The frame of a slot as it travels, its header as it is now.
    static byte[] frameOf(Slot slot) {
        byte[] bytes = new byte[slot.frameLength()];
        slot.buffer().get(0, bytes);
        return bytes;
    }

    /// A slot that belongs to a queue, and is told apart by its id.
    static Slot slot(SlotPool pool, long id) {
        Slot slot =
                Objects.requireNonNull(
                        pool.take(
                                HeaderLayout.LENGTH, AllocationStrategy.ALWAYS, Slot.Owner.QUEUE));
        slot.clear();
        slot.id(id);
        return slot;
    }

    /// A message with a body of so many bytes, told apart by its id.
    static Slot frame(SlotPool pool, long id, int body) {
        int length = HeaderLayout.LENGTH + body;
        Slot slot =
                Objects.requireNonNull(
                        pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE));
        slot.clear();
        slot.id(id);
        slot.channel(77);
        slot.bodyLength(body);
        return slot;
    }

    /// Copies such a message of a pool to a chunk, which must have room for it.
    static void add(SlotPool pool, LogChunk chunk, long id, int body) {
        Slot slot = frame(pool, id, body);
        assertThat(chunk.hasRoomFor(slot.frameLength())).isTrue();
        chunk.add(slot, slot.first(), slot.second(), slot.frameLength());
        slot.release(Slot.Owner.LEASE);
    }

    static LogChunk chunk(SlotPool logs, int bytes) {
        return Objects.requireNonNull(LogChunk.take(logs, bytes));
    }

    /// A slot with a header of these 16 bytes. All are of one pool, whose arena lasts.
    static Slot headed(byte[] header) {
        Slot slot = slot(HEADED, 0);
        ByteBuffer words = ByteBuffer.wrap(header);
        slot.words(words.getLong(0), words.getLong(8));
        return slot;
    }

    /// The header as it travels.
    static byte[] header(Slot slot) {
        byte[] header = new byte[HeaderLayout.LENGTH];
        slot.buffer().get(0, header);
        return header;
    }

    static long id(Mail mail) {
        return ((Slot) mail).id();
    }

    /// Empties a chain, gives its slots back, and returns their ids in order.
    static List<Long> drained(MailChain chain) {
        List<Long> ids = new ArrayList<>();
        for (Mail mail = chain.pollFirst(); mail != null; mail = chain.pollFirst()) {
            ids.add(id(mail));
            mail.discard();
        }
        return ids;
    }

    /// Reads hexadecimal digits as the transcripts print them: blanks and bars between bytes.
    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replaceAll("[ |\n]", ""));
    }

    /// Makes a frame's text headers and body what a peer could have sent, checked by nobody.
    static void receive(SlabMessage message, byte[] headers, byte[] body) {
        message.headers().clear();
        message.body().clear();
        message.makeRoom(HeaderLayout.LENGTH + headers.length + body.length);
        message.slot()
                .segment()
                .asSlice(HeaderLayout.LENGTH, headers.length)
                .copyFrom(MemorySegment.ofArray(headers));
        message.slot().headersLength(headers.length);
        message.body().append(body);
    }

    /// Makes a message a hello or welcome.
    static Message open(Message message, Address address) {
        return switch (address) {
            case Address.Client there -> message.connectTo(there);
            case Address.Server here -> message.listenOn(here);
        };
    }
}
