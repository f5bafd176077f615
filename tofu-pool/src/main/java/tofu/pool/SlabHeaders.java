package tofu.pool;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Status;
import tofu.api.TextHeaders;

/// The text headers of a leased frame; ends with the lease, since it reaches the memory only
/// through it.
///
/// Thread: the lease's.
final class SlabHeaders implements TextHeaders {
    private static final byte[] NOTHING = {};

    private final SlabMessage lease;

    SlabHeaders(SlabMessage lease) {
        this.lease = lease;
    }

    @Override
    public TextHeaders append(String name, String value) {
        int end = HeaderLayout.LENGTH + length();
        boolean ended = TextHeaderCodec.endsLine(lease.memory(), HeaderLayout.LENGTH, end);
        replace(end, end, TextHeaderCodec.line(ended ? "" : "\r\n", name, value));
        return this;
    }

    @Override
    public TextHeaders prepend(String name, String value) {
        byte[] line = TextHeaderCodec.line("", name, value);
        replace(HeaderLayout.LENGTH, HeaderLayout.LENGTH, line);
        return this;
    }

    @Override
    public TextHeaders remove(String name) {
        SlabCursor cursor = new SlabCursor(lease);
        while (cursor.next()) {
            if (cursor.nameIs(name)) {
                int start = cursor.start;
                replace(start, cursor.following, NOTHING);
                cursor.following = start;
            }
        }
        return this;
    }

    /// Puts a line in place of bytes of the headers; what is behind them is moved, not read.
    private void replace(int start, int end, byte[] line) {
        int present = length();
        int grown = line.length - (end - start);
        checkLength(present, grown);
        int frameLength = lease.slot().frameLength();
        lease.makeRoom(frameLength + Math.max(grown, 0));
        MemorySegment memory = lease.memory();
        MemorySegment.copy(memory, end, memory, start + line.length, frameLength - end);
        MemorySegment.copy(line, 0, memory, ValueLayout.JAVA_BYTE, start, line.length);
        lease.slot().headersLength(present + grown);
    }

    private static void checkLength(int present, int more) {
        if (present + more > HeaderLayout.MAX_PART_LENGTH) {
            throw new AmpeException(
                    Status.INVALID_HEADERS_LEN,
                    present + " + " + more + " bytes exceed " + HeaderLayout.MAX_PART_LENGTH);
        }
    }

    @Override
    public @Nullable String first(String name) {
        Cursor cursor = cursor();
        while (cursor.next()) {
            if (cursor.nameIs(name)) {
                return cursor.value();
            }
        }
        return null;
    }

    @Override
    public Cursor cursor() {
        return new SlabCursor(lease);
    }

    @Override
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        Cursor cursor = cursor();
        while (cursor.next()) {
            map.putIfAbsent(cursor.name(), cursor.value());
        }
        return map;
    }

    @Override
    public int length() {
        return lease.slot().headersLength();
    }

    @Override
    public TextHeaders clear() {
        MemorySegment memory = lease.memory();
        int length = length();
        MemorySegment.copy(
                memory,
                HeaderLayout.LENGTH + length,
                memory,
                HeaderLayout.LENGTH,
                lease.slot().bodyLength());
        lease.slot().headersLength(0);
        return this;
    }

    /// Replaces the first line; bytes behind it are moved, not read.
    void replaceFirst(String value) {
        SlabCursor cursor = new SlabCursor(lease);
        if (!cursor.next()) {
            throw new IllegalStateException("there is no text header");
        }
        byte[] line = TextHeaderCodec.line("", cursor.name(), value);
        replace(cursor.start, cursor.following, line);
    }

    @Override
    public String toString() {
        return toMap().toString();
    }

    /// Walks over the lines, as offsets into the frame.
    ///
    /// Invariant: `start <= nameEnd <= valueStart <= valueEnd <= following <= end of the headers`
    private static final class SlabCursor implements Cursor {
        private final SlabMessage lease;
        private int following = HeaderLayout.LENGTH;
        private int start;
        private int nameEnd;
        private int valueStart;
        private int valueEnd;

        SlabCursor(SlabMessage lease) {
            this.lease = lease;
        }

        @Override
        public boolean next() {
            MemorySegment memory = lease.memory();
            int end = HeaderLayout.LENGTH + lease.slot().headersLength();
            int lineEnd;
            do {
                start = following;
                if (start >= end) {
                    return stop(end);
                }
                lineEnd = TextHeaderCodec.lineEnd(memory, start, end);
                following = Math.min(lineEnd + 2, end);
            } while (lineEnd == start);
            nameEnd = TextHeaderCodec.nameEnd(memory, start, lineEnd);
            if (nameEnd == start) {
                return stop(end);
            }
            valueEnd = TextHeaderCodec.trimmedEnd(memory, Math.min(nameEnd + 1, lineEnd), lineEnd);
            valueStart =
                    TextHeaderCodec.trimmedStart(memory, Math.min(nameEnd + 1, lineEnd), valueEnd);
            return true;
        }

        /// An empty name ends the iteration, whatever follows.
        private boolean stop(int end) {
            following = end;
            start = end;
            nameEnd = end;
            valueStart = end;
            valueEnd = end;
            return false;
        }

        @Override
        public boolean nameIs(String name) {
            return TextHeaderCodec.matches(lease.memory(), start, nameEnd, name);
        }

        @Override
        public boolean valueIs(String value) {
            return TextHeaderCodec.matches(lease.memory(), valueStart, valueEnd, value);
        }

        @Override
        public String name() {
            return TextHeaderCodec.text(lease.memory(), start, nameEnd);
        }

        @Override
        public String value() {
            return TextHeaderCodec.text(lease.memory(), valueStart, valueEnd);
        }
    }
}
