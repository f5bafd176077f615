package tofu.bench.duel;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.util.List;
import javax.net.ssl.SSLException;

/// Netty's TLS, with the JDK's engine or with native OpenSSL (BoringSSL).
///
/// @param context of one side
record NettyTls(SslContext context) {
    /// For who listens.
    static NettyTls server(SslProvider provider) throws SSLException {
        Certificates files = Certificates.ofProperty();
        return of(
                SslContextBuilder.forServer(files.chain().toFile(), files.key().toFile()),
                provider);
    }

    /// For who connects.
    static NettyTls client(SslProvider provider) throws SSLException {
        Certificates files = Certificates.ofProperty();
        return of(
                SslContextBuilder.forClient().trustManager(files.authorities().toFile()), provider);
    }

    private static NettyTls of(SslContextBuilder builder, SslProvider provider)
            throws SSLException {
        if (provider == SslProvider.JDK) {
            builder.ciphers(List.of(Certificates.CIPHER_SUITE)); // BoringSSL would only complain
        }
        return new NettyTls(builder.sslProvider(provider).protocols(Certificates.PROTOCOL).build());
    }

    /// The first handler of a channel.
    SslHandler handler(Channel channel) {
        if (context.isServer()) {
            return context.newHandler(channel.alloc());
        }
        // What the certificate is to be for; the port is a hint for sessions that are resumed.
        String host = InetAddress.getLoopbackAddress().getHostAddress();
        return context.newHandler(channel.alloc(), host, 0);
    }

    /// Waits until a channel that has connected is secure.
    static void awaitHandshake(Channel channel) throws InterruptedException {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        handler.handshakeFuture().sync();
        Certificates.check(handler.engine().getSession());
    }
}
