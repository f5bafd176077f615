package tofu.tests.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tofu.tests.rigs.Peer;

/// A client that speaks just enough of TLS 1.3 (RFC 8446) to make its records itself: those that
/// the JDK would not make, such as empty ones. It trusts every server, and one suite is all that it
/// has: TLS_AES_128_GCM_SHA256 with X25519.
///
/// Owns its socket, which blocks.
final class Handmade implements AutoCloseable {
    static final int ALERT = 21;
    static final int HANDSHAKE = 22;
    static final int DATA = 23;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int FINISHED = 20;
    private static final int TAG_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final byte[] NOTHING = {};
    private static final byte[] ZEROS = new byte[HASH_BYTES];

    /// The keys of one direction.
    private static final class Keys {
        private final byte[] key;
        private final byte[] nonce;
        private long number;

        Keys(byte[] secret) throws GeneralSecurityException {
            key = expand(secret, "key", NOTHING, 16);
            nonce = expand(secret, "iv", NOTHING, 12);
        }

        byte[] crypt(int mode, byte[] header, byte[] bytes) throws GeneralSecurityException {
            byte[] own = nonce.clone();
            for (int i = 0; i < Long.BYTES; i++) {
                own[own.length - 1 - i] ^= (byte) (number >> 8 * i);
            }
            number++;
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, own));
            cipher.updateAAD(header);
            return cipher.doFinal(bytes);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final MessageDigest transcript;

    /// What both ends have agreed on.
    private byte[] agreed = NOTHING;

    private byte[] secret = NOTHING;
    private Keys sending;

    private Handmade(Socket socket) throws IOException, GeneralSecurityException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = new DataOutputStream(socket.getOutputStream());
        this.transcript = MessageDigest.getInstance("SHA-256");
        this.sending = beginHandshake();
    }

    /// Connects to an engine that listens on the loopback interface, and makes the handshake.
    static Handmade connect(String address) throws IOException, GeneralSecurityException {
        Handmade client = begin(address);
        client.finish();
        return client;
    }

    /// Connects, and makes the handshake but for its last message: what is sent has the keys of
    /// the handshake.
    static Handmade begin(String address) throws IOException, GeneralSecurityException {
        int port = Integer.parseInt(address.split("\\|")[2]);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) Peer.PATIENCE.toMillis());
        socket.setTcpNoDelay(true);
        return new Handmade(socket);
    }

    // ---- records

    /// Sends a record.
    ///
    /// @param kind what it says that it is
    /// @param paddingBytes zeros behind its content
    void send(int kind, byte[] content, int paddingBytes)
            throws IOException, GeneralSecurityException {
        out.write(record(kind, content, paddingBytes));
    }

    /// Sends a record in pieces, each of which may come by itself.
    void sendInPieces(int kind, byte[] content, int paddingBytes, Random random)
            throws IOException, GeneralSecurityException {
        byte[] bytes = record(kind, content, paddingBytes);
        for (int at = 0; at < bytes.length; ) {
            int count = 1 + random.nextInt(bytes.length - at);
            out.write(bytes, at, count);
            at += count;
        }
    }

    /// Sends the same record so many times, all at once.
    void sendOften(int kind, byte[] content, int times)
            throws IOException, GeneralSecurityException {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            records.writeBytes(record(kind, content, 0));
        }
        out.write(records.toByteArray());
    }

    /// Says that all that comes behind has new keys.
    void sendUpdate(byte[] update) throws IOException, GeneralSecurityException {
        send(HANDSHAKE, update, 0);
        secret = expand(secret, "traffic upd", NOTHING, HASH_BYTES);
        sending = new Keys(secret);
    }

    private byte[] record(int kind, byte[] content, int paddingBytes)
            throws GeneralSecurityException {
        byte[] inner = Arrays.copyOf(content, content.length + 1 + paddingBytes);
        inner[content.length] = (byte) kind;
        byte[] header = header(DATA, inner.length + TAG_BYTES);
        return concat(header, sending.crypt(Cipher.ENCRYPT_MODE, header, inner));
    }

    /// Reads until the peer ends, well or not.
    void awaitEnd() {
        try {
            byte[] bytes = new byte[1 << 10];
            while (in.read(bytes) >= 0) {
                // alerts and tickets
            }
        } catch (IOException e) {
            // A reset is an end, too, and a timeout is found by whoever expects what comes of it.
        }
    }

    private static byte[] header(int kind, int length) {
        return new byte[] {(byte) kind, 3, 3, (byte) (length >> 8), (byte) length};
    }

    // ---- the handshake

    private Keys beginHandshake() throws IOException, GeneralSecurityException {
        KeyPair own = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        byte[] hello = hello(publicBytes(own.getPublic()));
        transcript.update(hello);
        out.write(concat(header(HANDSHAKE, hello.length), hello));

        byte[] head = in.readNBytes(5);
        byte[] answer = in.readNBytes(length(head));
        transcript.update(answer);
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own.getPrivate());
        agreement.doPhase(publicKey(shareIn(answer)), true);
        byte[] early = hmac(ZEROS, ZEROS);
        agreed =
                hmac(
                        expand(early, "derived", hashOfNothing(), HASH_BYTES),
                        agreement.generateSecret());
        byte[] soFar = transcriptHash();
        secret = expand(agreed, "c hs traffic", soFar, HASH_BYTES);
        readFlight(new Keys(expand(agreed, "s hs traffic", soFar, HASH_BYTES)));
        return new Keys(secret);
    }

    private void finish() throws IOException, GeneralSecurityException {
        byte[] all = transcriptHash();
        byte[] proof = hmac(expand(secret, "finished", NOTHING, HASH_BYTES), all);
        send(HANDSHAKE, concat(new byte[] {FINISHED, 0, 0, HASH_BYTES}, proof), 0);
        byte[] master = hmac(expand(agreed, "derived", hashOfNothing(), HASH_BYTES), ZEROS);
        secret = expand(master, "c ap traffic", all, HASH_BYTES);
        sending = new Keys(secret);
    }

    /// Reads what the server says until it is finished, and believes it.
    private void readFlight(Keys keys) throws IOException, GeneralSecurityException {
        ByteArrayOutputStream flight = new ByteArrayOutputStream();
        while (!isFinished(flight.toByteArray())) {
            byte[] head = in.readNBytes(5);
            byte[] body = in.readNBytes(length(head));
            if (head[0] == CHANGE_CIPHER_SPEC) {
                continue; // means nothing
            }
            byte[] inner = keys.crypt(Cipher.DECRYPT_MODE, head, body);
            flight.write(inner, 0, contentLength(inner));
        }
        transcript.update(flight.toByteArray());
    }

    /// Behind the content there is its kind, and then as many zeros as the sender likes.
    private static int contentLength(byte[] inner) {
        int last = inner.length - 1;
        while (inner[last] == 0) {
            last--;
        }
        return last;
    }

    private static boolean isFinished(byte[] messages) {
        ByteBuffer rest = ByteBuffer.wrap(messages);
        while (rest.remaining() >= 4) {
            int head = rest.getInt();
            int length = head & 0xFF_FFFF;
            if (rest.remaining() < length) {
                return false;
            }
            rest.position(rest.position() + length);
            if (head >>> 24 == FINISHED) {
                return true;
            }
        }
        return false;
    }

    private static byte[] hello(byte[] share) {
        byte[] extensions =
                concat(
                        extension(43, new byte[] {2, 3, 4}), // TLS 1.3
                        extension(10, new byte[] {0, 2, 0, 0x1D}), // X25519
                        extension(13, new byte[] {0, 4, 4, 3, 8, 4}), // ECDSA, RSA-PSS
                        extension(51, concat(new byte[] {0, 36, 0, 0x1D, 0, 32}, share)),
                        extension(16, concat(new byte[] {0, 7, 6}, "tofu/1".getBytes(US_ASCII))));
        byte[] content =
                concat(
                        new byte[] {3, 3},
                        share, // as good as random
                        new byte[] {0, 0, 2, 0x13, 1, 1, 0},
                        new byte[] {(byte) (extensions.length >> 8), (byte) extensions.length},
                        extensions);
        byte[] head = {1, 0, (byte) (content.length >> 8), (byte) content.length};
        return concat(head, content);
    }

    private static byte[] extension(int number, byte[] value) {
        byte[] head = {0, (byte) number, (byte) (value.length >> 8), (byte) value.length};
        return concat(head, value);
    }

    /// The server's half of the key, in its hello.
    private static byte[] shareIn(byte[] hello) {
        ByteBuffer bytes = ByteBuffer.wrap(hello).position(4 + 2 + 32);
        bytes.position(bytes.position() + 1 + bytes.get(bytes.position()) + 2 + 1 + 2);
        while (bytes.hasRemaining()) {
            int number = bytes.getShort();
            int length = bytes.getShort();
            if (number == 51) {
                byte[] share = new byte[32];
                bytes.get(bytes.position() + 4, share);
                return share;
            }
            bytes.position(bytes.position() + length);
        }
        throw new AssertionError("no hello with a share of a key");
    }

    // ---- arithmetic

    private static byte[] publicBytes(PublicKey key) {
        byte[] number = ((XECPublicKey) key).getU().toByteArray();
        byte[] bytes = new byte[32];
        for (int i = 0; i < Math.min(number.length, bytes.length); i++) {
            bytes[i] = number[number.length - 1 - i];
        }
        return bytes;
    }

    private static PublicKey publicKey(byte[] bytes) throws GeneralSecurityException {
        byte[] number = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            number[i] = bytes[bytes.length - 1 - i];
        }
        return KeyFactory.getInstance("X25519")
                .generatePublic(
                        new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, number)));
    }

    private static byte[] hmac(byte[] key, byte[] bytes) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(bytes);
    }

    /// HKDF-Expand-Label (RFC 8446, section 7.1), as far as one hash goes.
    private static byte[] expand(byte[] secret, String label, byte[] context, int length)
            throws GeneralSecurityException {
        byte[] name = ("tls13 " + label).getBytes(US_ASCII);
        byte[] info =
                concat(
                        new byte[] {0, (byte) length, (byte) name.length},
                        name,
                        new byte[] {(byte) context.length},
                        context,
                        new byte[] {1});
        return Arrays.copyOf(hmac(secret, info), length);
    }

    private static byte[] hashOfNothing() throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest();
    }

    private byte[] transcriptHash() throws GeneralSecurityException {
        try {
            return ((MessageDigest) transcript.clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new GeneralSecurityException(e);
        }
    }

    private static int length(byte[] head) {
        return (head[3] & 0xFF) << 8 | (head[4] & 0xFF);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            whole.writeBytes(part);
        }
        return whole.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
