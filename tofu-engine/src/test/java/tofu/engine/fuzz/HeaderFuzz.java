package tofu.engine.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static tofu.engine.fuzz.FuzzCheck.check;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.AmpeException;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.api.Status;
import tofu.api.TextHeaders;
import tofu.engine.fuzz.NaiveLines.Line;
import tofu.pool.SlabMessage;
import tofu.pool.Slot;
import tofu.pool.SlotPool;

/// Text headers that a peer sent, read, appended to and cleared, against [NaiveLines].
///
/// ```
/// | body length | filler | n | n times: name length, name, value length, value | the headers |
/// ```
///
/// Thread: one at a time, but for [#fuzzerTestOneInput(byte[])].
public final class HeaderFuzz {
    private static final HeaderFuzz SHARED = new HeaderFuzz();
    private static final int MAX_LENGTH = 65_535;
    private static final byte[] FILLER = ("fill:" + "er".repeat(500) + "\r\n").getBytes(UTF_8);

    private final SlotPool pool =
            new SlotPool(
                    Options.builder()
                            .initialPoolMessages(0)
                            .leakDetection(LeakDetection.OFF)
                            .build());

    /// Lets a fuzzer try an input.
    public static void fuzzerTestOneInput(byte[] data) {
        synchronized (SHARED) {
            SHARED.run(data);
        }
    }

    private void run(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        byte[] body = new byte[input.length()];
        Arrays.fill(body, (byte) 'b');
        int filler = input.length();
        String[] words = new String[2 * input.below(4)];
        for (int i = 0; i < words.length; i++) {
            words[i] = new String(input.bytes(input.below(24)), UTF_8);
        }
        byte[] headers = filled(input.rest(), filler);
        try (SlabMessage message = received(headers, body)) {
            checkRead(message, headers, body);
            for (int i = 0; i < words.length; i += 2) {
                headers = append(message, headers, words[i], words[i + 1]);
                checkRead(message, headers, body);
            }
            message.headers().clear();
            checkRead(message, new byte[0], body);
        }
        check(pool.messagesOut() == 0, "a slot is not home");
    }

    /// The headers behind so many bytes of others.
    private static byte[] filled(byte[] headers, int filler) {
        int length = Math.min(filler, MAX_LENGTH - Math.min(headers.length, MAX_LENGTH));
        byte[] filled = new byte[length + Math.min(headers.length, MAX_LENGTH)];
        for (int i = 0; i < length; i++) {
            filled[i] = FILLER[i % FILLER.length];
        }
        System.arraycopy(headers, 0, filled, length, filled.length - length);
        return filled;
    }

    private SlabMessage received(byte[] headers, byte[] body) {
        int length = 16 + headers.length + body.length;
        Slot slot = pool.take(length, AllocationStrategy.ALWAYS, Slot.Owner.LEASE);
        long lengths = (long) headers.length << 16 | body.length;
        Objects.requireNonNull(slot).words(0, 1L << 32 | lengths);
        slot.segment().asSlice(16).copyFrom(MemorySegment.ofArray(headers));
        slot.segment().asSlice(16 + headers.length).copyFrom(MemorySegment.ofArray(body));
        return pool.lease(slot);
    }

    private static byte[] append(SlabMessage message, byte[] before, String name, String value) {
        byte[] after = NaiveLines.appended(before, name, value);
        Status expected =
                after == null
                        ? Status.INVALID_HEADER
                        : after.length > MAX_LENGTH ? Status.INVALID_HEADERS_LEN : Status.SUCCESS;
        Status status = Status.SUCCESS;
        try {
            message.headers().append(name, value);
        } catch (AmpeException e) {
            status = e.status();
        }
        Status outcome = status;
        check(outcome == expected, () -> "appending is " + outcome + " instead of " + expected);
        return after == null || expected != Status.SUCCESS ? before : after;
    }

    private static void checkRead(SlabMessage message, byte[] headers, byte[] body) {
        TextHeaders read = message.headers();
        check(read.length() == headers.length, "length of the headers");
        byte[] wire =
                message.slot().segment().asSlice(16, headers.length).toArray(ValueLayout.JAVA_BYTE);
        check(Arrays.equals(wire, headers), "the headers as they travel");
        check(Arrays.equals(message.body().toByteArray(), body), "the body");
        List<Line> lines = NaiveLines.parse(headers);
        Map<String, String> map = new LinkedHashMap<>();
        String probe = lines.isEmpty() ? "probe" : lines.getLast().nameText();
        @Nullable String first = null;
        TextHeaders.Cursor cursor = read.cursor();
        for (Line line : lines) {
            check(cursor.next(), "a header is missing");
            check(cursor.name().equals(line.nameText()), "a name");
            check(cursor.value().equals(line.valueText()), "a value");
            check(cursor.nameIs(line.nameText()) == line.isNamed(line.nameText()), "its name");
            check(cursor.nameIs(probe) == line.isNamed(probe), "another name");
            check(!cursor.valueIs(line.valueText() + "!"), "a longer value");
            map.putIfAbsent(line.nameText(), line.valueText());
            first = first == null && line.isNamed(probe) ? line.valueText() : first;
        }
        check(!cursor.next(), "a header too many");
        check(!cursor.next(), "a header behind the last one");
        check(Objects.equals(read.first(probe), first), "the first of a name");
        check(List.copyOf(read.toMap().entrySet()).equals(List.copyOf(map.entrySet())), "the map");
    }
}
