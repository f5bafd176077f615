package tofu.tests.flight;

import java.nio.file.Path;
import tofu.tests.rigs.ProjectRoot;

/// The settings for recordings that come with the engine.
final class Settings {
    private Settings() {}

    static Path file() {
        return ProjectRoot.find().resolve("tofu-engine/src/main/resources/META-INF/tofu.jfc");
    }
}
