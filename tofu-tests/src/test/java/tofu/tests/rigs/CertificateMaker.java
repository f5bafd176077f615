package tofu.tests.rigs;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/// Makes certificates (X.509, RFC 5280) that no authority would issue: as long as one likes, and in
/// chains as long as one likes. The same call makes the same certificate, byte by byte and in each
/// process, and so does the key, which is everybody's.
///
/// Threads: safe for concurrent use.
public final class CertificateMaker {
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int INTEGER = 0x02;
    private static final int BOOLEAN = 0x01;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int UTF8_STRING = 0x0C;
    private static final int UTC_TIME = 0x17;
    private static final int VERSION = 0xA0;
    private static final int EXTENSIONS = 0xA3;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;

    private static final byte[] SHA256_WITH_RSA =
            der(SEQUENCE, oid(0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 11), der(0x05));
    private static final byte[] COMMON_NAME = oid(0x55, 4, 3);
    private static final byte[] ALTERNATIVE_NAMES = oid(0x55, 0x1D, 17);
    private static final byte[] BASIC_CONSTRAINTS = oid(0x55, 0x1D, 19);

    /// Nobody knows this extension, and it is not critical.
    private static final byte[] PADDING = oid(0x2A, 3, 4, 5);

    private static final KeyPair KEYS = keys();

    private CertificateMaker() {}

    private static KeyPair keys() {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(1); // the same key each time: its length, too, is the same
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// The key of all certificates that are made here.
    ///
    /// @return key and private key
    public static KeyPair keyOfAll() {
        return KEYS;
    }

    /// Makes a chain for `localhost` and `127.0.0.1`, whose first one is not an authority.
    ///
    /// @param length how many certificates, with that of the last authority
    /// @param paddingBytes how much longer the first one is than it need be
    /// @return the chain; the last one has signed itself
    public static X509Certificate[] chain(int length, int paddingBytes) {
        List<X509Certificate> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            String issuer = "authority " + Math.min(i + 1, length - 1);
            chain.add(certificate("authority " + i, issuer, i > 0, i == 0 ? paddingBytes : 0));
        }
        return chain.toArray(X509Certificate[]::new);
    }

    private static X509Certificate certificate(
            String subject, String issuer, boolean authority, int paddingBytes) {
        byte[] content =
                der(
                        SEQUENCE,
                        der(VERSION, number(2)),
                        number(1),
                        SHA256_WITH_RSA,
                        name(issuer),
                        der(SEQUENCE, time("200101000000Z"), time("491231235959Z")),
                        name(subject),
                        KEYS.getPublic().getEncoded(),
                        der(EXTENSIONS, extensions(authority, paddingBytes)));
        try {
            Signature signer = Signature.getInstance("SHA256withRSA");
            signer.initSign(KEYS.getPrivate());
            signer.update(content);
            byte[] signature = concat(new byte[1], signer.sign());
            byte[] bytes = der(SEQUENCE, content, SHA256_WITH_RSA, der(BIT_STRING, signature));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] extensions(boolean authority, int paddingBytes) {
        byte[] constraints = authority ? der(BOOLEAN, new byte[] {-1}) : new byte[0];
        byte[] names =
                der(
                        SEQUENCE,
                        der(DNS_NAME, "localhost".getBytes(US_ASCII)),
                        der(IP_ADDRESS, new byte[] {127, 0, 0, 1}));
        return der(
                SEQUENCE,
                extension(BASIC_CONSTRAINTS, der(SEQUENCE, constraints)),
                extension(ALTERNATIVE_NAMES, names),
                extension(PADDING, new byte[paddingBytes]));
    }

    private static byte[] extension(byte[] kind, byte[] value) {
        return der(SEQUENCE, kind, der(OCTET_STRING, value));
    }

    private static byte[] name(String text) {
        byte[] attribute = der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, text.getBytes(US_ASCII)));
        return der(SEQUENCE, der(SET, attribute));
    }

    private static byte[] time(String text) {
        return der(UTC_TIME, text.getBytes(US_ASCII));
    }

    private static byte[] number(int value) {
        return der(INTEGER, BigInteger.valueOf(value).toByteArray());
    }

    private static byte[] oid(int... bytes) {
        byte[] value = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            value[i] = (byte) bytes[i];
        }
        return der(0x06, value);
    }

    /// A kind, a length, and what is in it.
    private static byte[] der(int kind, byte[]... parts) {
        byte[] content = concat(parts);
        byte[] length = BigInteger.valueOf(content.length).toByteArray();
        if (content.length < 128) {
            return concat(new byte[] {(byte) kind, (byte) content.length}, content);
        }
        int leading = length[0] == 0 ? 1 : 0;
        byte[] head = new byte[2 + length.length - leading];
        head[0] = (byte) kind;
        head[1] = (byte) (0x80 | (length.length - leading));
        System.arraycopy(length, leading, head, 2, length.length - leading);
        return concat(head, content);
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int filled = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, filled, part.length);
            filled += part.length;
        }
        return whole;
    }
}
