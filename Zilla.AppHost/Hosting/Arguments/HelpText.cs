namespace Zilla.AppHost.Hosting.Arguments;

internal static class HelpText
{
    public const string Text = """
        Runs the whole suite on this machine: configuration service, cache, edges, a Kafka broker for development, and the Aspire dashboard.

          dotnet run --project Zilla.AppHost -- [arguments]

          --config <file or URL>      the zilla.yaml to serve          (ZILLA_CONFIG; default: examples/quickstart/zilla.yaml)
          --kafka <host:port,...>     use this cluster                 (ZILLA_KAFKA; default: KAFKA_BOOTSTRAP_SERVER if it is set,
                                      and else Zilla.DevKafka, which is not started if the file names its servers itself)
          --replicas <name>=<n>       run a service n times            (ZILLA_REPLICAS=name=n,name=n; can be given more than once)
          --no-dashboard              do without the dashboard         (ZILLA_NO_DASHBOARD=1)
          --dashboard-port <port>     where the dashboard listens      (ZILLA_DASHBOARD_PORT; default: 18888, or any free port)
          --orchestrator <which>      auto, dcp, local                 (ZILLA_ORCHESTRATOR; local: plain child processes, no dashboard)
          --state <folder>            what survives restarts           (ZILLA_STATE; default: .zilla in the repository)
          --help                      this text

        Or writes what a deployment needs, and runs nothing (--config, --kafka and --replicas count here too):

          publish --output <folder>                        a compose file and Kubernetes manifests
          --publisher manifest --output-path <file>        the manifest that azd reads

        Services know each other by a key, a new one for every run unless ZILLA_CHANNEL_KEY says one.
        An argument wins over its environment variable. Ctrl+C stops everything.
        """;
}
