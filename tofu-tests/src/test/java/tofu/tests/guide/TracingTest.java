package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Peer;
import tofu.kit.Server;

/// Snippets of docs/guide/tracing.md.
class TracingTest {
    // @start region="carrier"
    static final TextMapSetter<Message> WRITER =
            (message, name, value) -> {
                if (message != null) {
                    message.headers().remove(name).append(name, value);
                }
            };

    static final TextMapGetter<Message> READER =
            (message, name) -> message == null ? null : message.headers().first(name);

    static final TextMapPropagator TRACE = W3CTraceContextPropagator.getInstance();
    // @end

    private final Map<String, String> words = Map.of("tofu", "bean curd");
    private final Duration timeout = Duration.ofSeconds(20);

    /// Spans that have ended, in that order.
    private final BlockingQueue<SpanData> ended = new LinkedBlockingQueue<>();

    private final class Exporter implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            ended.addAll(spans);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private String ask(Tracer tracer, Connector lexicon, String word) throws InterruptedException {
        // @start region="ask"
        Span span = tracer.spanBuilder("look up").setSpanKind(SpanKind.CLIENT).startSpan();
        Context here = Context.current().with(span);
        try (Message answer =
                lexicon.askAndWait(
                        ask -> {
                            TRACE.inject(here, ask, WRITER);
                            ask.body().append(word);
                        },
                        timeout)) {
            return answer.body().text();
        } finally {
            span.end();
        }
        // @end
    }

    private void answer(Tracer tracer, Peer peer, Message question) {
        // @start region="answer"
        Context caller = TRACE.extract(Context.root(), question, READER);
        Span span =
                tracer.spanBuilder("find")
                        .setParent(caller)
                        .setSpanKind(SpanKind.SERVER)
                        .startSpan();
        try (Scope _ = span.makeCurrent()) {
            String meaning = words.getOrDefault(question.body().text(), "no such word");
            question.headers().clear();
            question.body().clear().append(meaning);
            peer.answer(question);
        } finally {
            span.end();
        }
        // @end
    }

    private SpanData nextSpan() throws InterruptedException {
        SpanData span = ended.poll(20, TimeUnit.SECONDS);
        assertThat(span).isNotNull();
        return span;
    }

    private static Connector connect(Dispatcher client, Server server) {
        Address.Client there = server.listening().orTimeout(20, TimeUnit.SECONDS).join().getFirst();
        return Connector.builder(client).to(there).start();
    }

    @Test
    void aTraceGoesThroughAMessage() throws Exception {
        try (SdkTracerProvider provider =
                        SdkTracerProvider.builder()
                                .addSpanProcessor(SimpleSpanProcessor.create(new Exporter()))
                                .build();
                Ampe ampe = Ampe.open();
                Dispatcher serving = new Dispatcher(ampe).start();
                Dispatcher client = new Dispatcher(ampe).start()) {
            Tracer tracer = provider.get("tofu");
            Server server =
                    Server.builder(serving)
                            .listenOn(FirstTest.somewhere("uds"))
                            .sessions((peer, hello) -> question -> answer(tracer, peer, question))
                            .start();
            try (Connector lexicon = connect(client, server)) {
                assertThat(ask(tracer, lexicon, "tofu")).isEqualTo("bean curd");
            }

            SpanData one = nextSpan();
            SpanData other = nextSpan();
            SpanData find = one.getName().equals("find") ? one : other;
            SpanData lookUp = find == one ? other : one;
            assertThat(find.getTraceId()).isEqualTo(lookUp.getTraceId());
            assertThat(find.getParentSpanId()).isEqualTo(lookUp.getSpanId());
            assertThat(find.getParentSpanContext().isRemote()).isTrue();
        }
    }

    @Test
    void theHeaderIsAsTheConventionSays() {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        try (Ampe ampe = Ampe.open();
                Message message = ampe.get()) {
            message.headers().append("traceparent", parent);
            Context caller = TRACE.extract(Context.root(), message, READER);
            message.headers().clear();
            TRACE.inject(caller, message, WRITER);
            TRACE.inject(caller, message, WRITER); // as who passes it on
            assertThat(message.headers().toMap()).containsExactly(Map.entry("traceparent", parent));
        }
    }

    @Test
    void whatIsNoTraceIsNone() {
        try (Ampe ampe = Ampe.open();
                Message message = ampe.get()) {
            message.headers().append("traceparent", "mine");
            Context caller = TRACE.extract(Context.root(), message, READER);
            assertThat(Span.fromContext(caller).getSpanContext().isValid()).isFalse();
        }
    }
}
