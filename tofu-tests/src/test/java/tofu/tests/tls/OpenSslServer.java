package tofu.tests.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tofu.api.Options;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;

/// A server of ours that `openssl s_client` comes to. Skipped where there is no OpenSSL.
abstract class OpenSslServer {
    @RegisterExtension final Stage stage = new Stage();
    @TempDir Path folder;
    private @Nullable Peer listening;

    @BeforeEach
    void isInstalled() {
        OpenSsl.assumeInstalled();
    }

    OpenSsl client(String address, String... more) throws IOException {
        return OpenSsl.client(stage, folder, address, more);
    }

    String listen(UnaryOperator<Options.Builder> options) {
        listening = stage.peer(options);
        return server().listen("tls|127.0.0.1|0").address();
    }

    Peer server() {
        return Objects.requireNonNull(listening);
    }
}
