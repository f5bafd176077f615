package tofu.engine.channel;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.pool.Slot;

/// A frame as a naive peer knows it: the wire spec's section 1 once more, byte by byte, and nothing
/// that it shares with the code under test. Text is Latin-1, so that any bytes will do.
public record Frame(int channel, int proto, int status, long id, String headers, String body) {
    public static final int ORIGIN = 0x10;
    public static final int MORE = 0x20;
    public static final int OUT_OF_BAND = 0x40;
    public static final int INTERNAL_B = 0x80;

    public static Frame of(OpCode opCode, long id) {
        return new Frame(0x1234, opCode.code(), 0, id, "", "");
    }

    public static Frame helloRequest(long id) {
        return of(OpCode.HELLO_REQUEST, id).withHeaders("~connect_to:tcp|127.0.0.1|7099\r\n");
    }

    public static Frame helloResponse(long id) {
        return of(OpCode.HELLO_RESPONSE, id);
    }

    public static Frame request(long id) {
        return of(OpCode.REQUEST, id);
    }

    public static Frame signal(long id) {
        return of(OpCode.SIGNAL, id);
    }

    public static Frame byeRequest(long id) {
        return of(OpCode.BYE_REQUEST, id);
    }

    public static Frame byeResponse(long id) {
        return of(OpCode.BYE_RESPONSE, id);
    }

    public static Frame byeSignal(long id) {
        return of(OpCode.BYE_SIGNAL, id).with(OUT_OF_BAND);
    }

    public static Frame of(Slot slot) {
        return decode(bytesOf(slot)).getFirst();
    }

    /// The frame of a slot as it travels, its header as it is now.
    static byte[] bytesOf(Slot slot) {
        byte[] bytes = new byte[slot.frameLength()];
        slot.buffer().get(0, bytes);
        return bytes;
    }

    /// Sets bits of the proto byte.
    public Frame with(int bits) {
        return new Frame(channel, proto | bits, status, id, headers, body);
    }

    public Frame withOpCode(int opCode) {
        return new Frame(channel, proto & 0xF0 | opCode, status, id, headers, body);
    }

    public Frame withStatus(int status) {
        return new Frame(channel, proto, status, id, headers, body);
    }

    public Frame withHeaders(String headers) {
        return new Frame(channel, proto, status, id, headers, body);
    }

    public Frame withBody(String body) {
        return new Frame(channel, proto, status, id, headers, body);
    }

    /// A body of so many bytes, whose content says where they stand.
    public Frame withBody(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) Math.floorMod(i * 31 + id, 251));
        }
        return withBody(text.toString());
    }

    /// What a receiver makes of it.
    public Frame received(int number) {
        return new Frame(number, proto & 0x6F, 0, id, headers, body);
    }

    /// Its op code, which is to be one.
    public OpCode opCode() {
        return Objects.requireNonNull(OpCode.of(proto & 0x0F));
    }

    public int length() {
        return 16 + headers.length() + body.length();
    }

    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(channel);
            out.writeByte(proto);
            out.writeByte(status);
            out.writeLong(id);
            out.writeShort(headers.length());
            out.writeShort(body.length());
            out.write(headers.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static byte[] encode(Frame... frames) {
        return encode(Arrays.asList(frames));
    }

    public static byte[] encode(List<Frame> frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        frames.forEach(frame -> all.writeBytes(frame.bytes()));
        return all.toByteArray();
    }

    /// The whole frames at the beginning of some bytes; the rest does not count.
    public static List<Frame> decode(byte[] bytes) {
        List<Frame> frames = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            while (in.available() > 0) {
                int channel = in.readUnsignedShort();
                int proto = in.readUnsignedByte();
                int status = in.readUnsignedByte();
                long id = in.readLong();
                int headersLength = in.readUnsignedShort();
                int bodyLength = in.readUnsignedShort();
                String headers = text(in, headersLength);
                frames.add(new Frame(channel, proto, status, id, headers, text(in, bodyLength)));
            }
        } catch (EOFException e) {
            return frames;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return frames;
    }

    private static String text(DataInputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /// Says in a few words what the frame is, for lists to compare with: its op code and id, its
    /// marks,
    /// and who speaks if it is the engine.
    @Override
    public String toString() {
        OpCode opCode = OpCode.of(proto & 0x0F);
        StringBuilder text = new StringBuilder();
        text.append(opCode == null ? "op " + (proto & 0x0F) : opCode.toString());
        text.append(' ').append(id);
        if (length() > 16 && opCode != null && opCode.type() == OpCode.Type.REGULAR) {
            text.append(" +").append(length() - 16);
        }
        text.append((proto & MORE) == 0 ? "" : " more");
        text.append((proto & OUT_OF_BAND) == 0 ? "" : " urgent");
        text.append((proto & INTERNAL_B) == 0 ? "" : " B");
        text.append((proto & ORIGIN) == 0 ? "" : " back");
        text.append(status == 0 ? "" : " " + Status.of(status));
        return text.toString();
    }
}
