/// What an engine counts, as meters of Micrometer: [tofu.micrometer.TofuMetrics].
module tofu.micrometer {
    requires static org.jspecify;
    requires transitive micrometer.core;
    requires transitive tofu.api;

    exports tofu.micrometer;
}
