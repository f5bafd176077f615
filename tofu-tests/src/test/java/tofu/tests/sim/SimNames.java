package tofu.tests.sim;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tofu.engine.Resolver;

/// Name lookups that take their time.
///
/// Thread: one.
final class SimNames implements Resolver {
    /// The one name that is known.
    static final String KNOWN = "peer.example";

    private record Question(String host, Consumer<List<InetAddress>> found) {}

    private final Choices choices;
    private final List<Question> questions = new ArrayList<>();
    boolean closed;

    SimNames(Choices choices) {
        this.choices = choices;
    }

    @Override
    public void resolve(String host, Consumer<List<InetAddress>> found) {
        questions.add(new Question(host, found));
    }

    /// Answers a question.
    ///
    /// @return false if nobody has asked
    boolean answer() {
        if (questions.isEmpty()) {
            return false;
        }
        Question question = questions.remove(choices.below(questions.size()));
        question.found.accept(question.host.equals(KNOWN) ? List.of(loopback()) : List.of());
        return true;
    }

    private static InetAddress loopback() {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
