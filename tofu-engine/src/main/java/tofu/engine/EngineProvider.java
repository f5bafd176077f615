package tofu.engine;

import tofu.api.Ampe;
import tofu.api.Options;
import tofu.spi.AmpeProvider;

/// Opens engines over NIO sockets.
public final class EngineProvider implements AmpeProvider {
    /// For [java.util.ServiceLoader].
    public EngineProvider() {}

    @Override
    public Ampe open(Options options) {
        return Engine.start(options, new SystemEnvironment());
    }
}
