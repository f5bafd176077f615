/// What crosses modules: scenarios over real sockets, the recorded transcripts, and the rules that
/// all sources keep.
open module tofu.tests {
    requires static org.jspecify;
    requires awaitility;
    requires com.tngtech.archunit;
    requires io.opentelemetry.api;
    requires io.opentelemetry.context;
    requires io.opentelemetry.sdk.common;
    requires io.opentelemetry.sdk.trace;
    requires java.logging;
    requires java.management;
    requires jdk.compiler;
    requires jdk.jfr;
    requires jdk.management;
    requires jdk.net;
    requires net.jqwik.api;
    requires org.assertj.core;
    requires org.hamcrest;
    requires org.junit.jupiter.api;
    requires org.junit.jupiter.params;
    requires org.opentest4j;
    requires tofu.engine;
    requires tofu.kit;
    requires tofu.management;
    requires tofu.micrometer;
    requires tofu.pool;
    requires tofu.recipes;

    provides java.net.spi.InetAddressResolverProvider with
            tofu.tests.rigs.TestNames;
}
