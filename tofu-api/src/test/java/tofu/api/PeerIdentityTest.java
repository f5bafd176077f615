package tofu.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tofu.fixtures.TestCertificates;

/// Who a peer is, made by hand as in a test of rules for who may come in.
class PeerIdentityTest {
    private static final Address ADDRESS = new Address.TcpClient("127.0.0.1", 5000);
    private static final PeerIdentity.UnixUser ALICE = PeerIdentity.UnixUser.of("alice", "staff");

    private static List<X509Certificate> chain(String name) {
        return new Pem(name, TestCertificates.text(TestCertificates.shared().chain(name)))
                .certificates();
    }

    private static PeerIdentity.Tls tls(List<X509Certificate> certificates) {
        return PeerIdentity.Tls.of(certificates, "TLSv1.3", "TLS_AES_128_GCM_SHA256");
    }

    @Test
    void anIdentityHasAnAddressAndCredentialsOrNot() {
        PeerIdentity alice = PeerIdentity.of(ADDRESS, ALICE);
        PeerIdentity nobody = PeerIdentity.of(null, null);

        assertThat(alice.remoteAddress()).isEqualTo(ADDRESS);
        assertThat(alice.credentials()).isEqualTo(ALICE);
        assertThat(alice)
                .hasToString(
                        "PeerIdentity[remoteAddress=tcp|127.0.0.1|5000,"
                                + " credentials=UnixUser[user=alice, group=staff]]");
        assertThat(nobody.remoteAddress()).isNull();
        assertThat(nobody.credentials()).isNull();
        assertThat(nobody).hasToString("PeerIdentity[remoteAddress=null, credentials=null]");
    }

    @Test
    void eachValueOfAnIdentityCountsForEquality() {
        PeerIdentity alice = PeerIdentity.of(ADDRESS, ALICE);
        PeerIdentity same =
                PeerIdentity.of(
                        new Address.TcpClient("127.0.0.1", 5000),
                        PeerIdentity.UnixUser.of("alice", "staff"));

        assertThat(alice).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(alice)
                .isNotEqualTo(PeerIdentity.of(null, ALICE))
                .isNotEqualTo(PeerIdentity.of(ADDRESS, null))
                .isNotEqualTo("PeerIdentity");
    }

    @Test
    void aUserHasANameAndAGroup() {
        assertThat(ALICE.user()).isEqualTo("alice");
        assertThat(ALICE.group()).isEqualTo("staff");
        PeerIdentity.UnixUser same = PeerIdentity.UnixUser.of("alice", "staff");
        assertThat(ALICE).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(ALICE)
                .isNotEqualTo(PeerIdentity.UnixUser.of("bob", "staff"))
                .isNotEqualTo(PeerIdentity.UnixUser.of("alice", "wheel"))
                .isNotEqualTo("UnixUser");
    }

    @Test
    void whoHasACertificateIsWhomItNames() {
        PeerIdentity.Credentials credentials = tls(chain("client"));

        assertThat(
                        credentials instanceof PeerIdentity.Tls tls
                                && tls.isFor("ALICE.tofu.test")
                                && !tls.isFor("bob.tofu.test")
                                && !tls.isFor("*.tofu.test"))
                .isTrue();
        PeerIdentity.Tls alice = tls(chain("client"));
        assertThat(alice.certificates()).isEqualTo(chain("client"));
        assertThat(alice.protocol()).isEqualTo("TLSv1.3");
        assertThat(alice.cipherSuite()).isEqualTo("TLS_AES_128_GCM_SHA256");
        assertThat(alice.alternativeNames())
                .containsExactlyInAnyOrder("DNS:alice.tofu.test", "email:alice@tofu.test");
        assertThat(alice)
                .hasToString(
                        "Tls[subject=CN=alice, protocol=TLSv1.3,"
                                + " cipherSuite=TLS_AES_128_GCM_SHA256]");
    }

    @Test
    void whoHasNoCertificateIsNobody() {
        PeerIdentity.Tls nobody = tls(List.of());

        assertThat(nobody.subject()).isNull();
        assertThat(nobody.alternativeNames()).isEmpty();
        assertThat(nobody.isFor("alice.tofu.test")).isFalse();
    }

    @Test
    void eachValueOfAHandshakeCountsForEquality() {
        PeerIdentity.Tls alice = tls(chain("client"));
        List<X509Certificate> chain = chain("client");

        assertThat(alice).isEqualTo(tls(chain)).hasSameHashCodeAs(tls(chain));
        assertThat(alice)
                .isNotEqualTo(tls(chain("server")))
                .isNotEqualTo(tls(chain.subList(0, 1)))
                .isNotEqualTo(PeerIdentity.Tls.of(chain, "TLSv1.2", alice.cipherSuite()))
                .isNotEqualTo(PeerIdentity.Tls.of(chain, alice.protocol(), "another"))
                .isNotEqualTo("Tls");
    }

    @Test
    void certificatesDoNotChangeWithTheirSource() {
        List<X509Certificate> source = new ArrayList<>(chain("client"));
        PeerIdentity.Tls alice = tls(source);

        source.clear();

        assertThat(alice.certificates()).isEqualTo(chain("client"));
    }

    @Test
    void aMissingValueIsRefused() {
        assertThatNullPointerException()
                .isThrownBy(() -> PeerIdentity.UnixUser.of(nothing(), "staff"));
        assertThatNullPointerException()
                .isThrownBy(() -> PeerIdentity.UnixUser.of("alice", nothing()));
        assertThatNullPointerException().isThrownBy(() -> tls(nothing()));
        assertThatNullPointerException()
                .isThrownBy(() -> PeerIdentity.Tls.of(List.of(), nothing(), "suite"));
        assertThatNullPointerException()
                .isThrownBy(() -> PeerIdentity.Tls.of(List.of(), "TLSv1.3", nothing()));
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals", "DataFlowIssue"})
    private static <T> T nothing() {
        return null;
    }
}
