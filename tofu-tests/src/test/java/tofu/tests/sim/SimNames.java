package tofu.tests.sim;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.engine.link.Resolver;

/// Name lookups that take their time, fail, or never end.
///
/// Thread: one.
final class SimNames implements Resolver {
    /// The one name that is known.
    static final String KNOWN = "peer.example";

    private final class Lookup implements Question {
        private final String host;
        private final Consumer<List<InetAddress>> found;
        private final boolean hangs = choices.oneIn(8);

        Lookup(String host, Consumer<List<InetAddress>> found) {
            this.host = host;
            this.found = found;
        }

        @Override
        public void withdraw() {
            lookups.remove(this);
        }
    }

    private final Choices choices;
    private final List<Lookup> lookups = new ArrayList<>();
    boolean closed;

    SimNames(Choices choices) {
        this.choices = choices;
    }

    @Override
    public @Nullable Question ask(String host, Consumer<List<InetAddress>> found) {
        if (choices.oneIn(16)) {
            return null;
        }
        Lookup lookup = new Lookup(host, found);
        lookups.add(lookup);
        return lookup;
    }

    /// Answers a question.
    ///
    /// @return false if there is none that will be answered
    boolean answer() {
        List<Lookup> answerable = lookups.stream().filter(lookup -> !lookup.hangs).toList();
        if (answerable.isEmpty()) {
            return false;
        }
        Lookup lookup = choices.of(answerable);
        lookups.remove(lookup);
        lookup.found.accept(addressesOf(lookup.host));
        return true;
    }

    private List<InetAddress> addressesOf(String host) {
        if (!host.equals(KNOWN)) {
            return List.of();
        }
        InetAddress known = InetAddress.ofLiteral("127.0.0.1");
        return choices.oneIn(3)
                ? List.of(InetAddress.ofLiteral("240.0.0.1"), known)
                : List.of(known);
    }

    /// The names that are still asked for.
    List<String> asked() {
        return lookups.stream().map(lookup -> lookup.host).toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
