/// The engine behind `tofu.api`; found through [tofu.spi.AmpeProvider], has no API of its own.
module tofu.engine {
    requires static jdk.jfr;
    requires static jdk.net;
    requires static org.jspecify;
    requires transitive tofu.api;
    requires tofu.pool;

    exports tofu.engine to
            tofu.tests;
    exports tofu.engine.channel to
            tofu.tests;
    exports tofu.engine.link to
            tofu.tests;
    exports tofu.engine.loop to
            tofu.tests;
    exports tofu.engine.net to
            tofu.cli,
            tofu.tests;

    provides tofu.spi.AmpeProvider with
            tofu.engine.EngineProvider;
}
