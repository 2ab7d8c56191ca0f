using System.Net.Security;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Zilla.ServiceDefaults.Otlp;

/// <summary>
/// Exports to collectors that come and go while the service runs, beside the one that its environment names. A logger provider, so that it sees what the
/// others see.
/// </summary>
/// <param name="serviceName">Unless <c>OTEL_SERVICE_NAME</c> says another.</param>
/// <param name="meters">Names of the meters to export; one that ends in <c>*</c> stands for all that begin so.</param>
public sealed class OtlpExport(string serviceName, string[] meters) : ILoggerProvider
{
    private readonly Lock _gate = new();
    private IReadOnlyList<OtlpTarget> _targets = [];
    private List<IDisposable> _inUse = [];
    private volatile LoggerFactory? _logs;

    /// <summary>Exports to these from now on, and to no others. What those that go have not been sent yet is sent meanwhile.</summary>
    public void Use(IEnumerable<OtlpTarget> targets)
    {
        OtlpTarget[] wanted = [.. targets];
        lock (_gate)
        {
            if (wanted.Length == _targets.Count && wanted.Zip(_targets).All(pair => pair.First.SaysTheSame(pair.Second)))
            {
                return;
            }

            var before = _inUse;
            _targets = wanted;
            _inUse = [.. wanted.Where(target => target.Metrics is not null).Select(Metrics)];
            _logs = wanted.Any(target => target.Logs is not null) ? Logs(wanted) : null;
            if (_logs is not null)
            {
                _inUse.Add(_logs);
            }

            // Sending takes as long as a collector takes to answer.
            Task.Run(() => before.ForEach(export => export.Dispose()));
        }
    }

    /// <summary>The same for whoever does not know this project.</summary>
    public void Follow(
        IEnumerable<(Uri? Metrics, Uri? Logs, TimeSpan Interval, string? Authorization, IReadOnlyDictionary<string, string> Attributes,
            (string Identity, SslClientAuthenticationOptions Options)? Tls)> targets) =>
        Use(targets.Select(to => new OtlpTarget(to.Metrics, to.Logs, to.Interval, to.Authorization, to.Attributes) { Tls = to.Tls is { } tls ? new OtlpTls(tls.Identity, tls.Options) : null }));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        lock (_gate)
        {
            _inUse.ForEach(export => export.Dispose());
            (_inUse, _logs) = ([], null);
        }
    }

    private MeterProvider Metrics(OtlpTarget target) => Sdk.CreateMeterProviderBuilder()
        .ConfigureResource(resource => Describe(resource, target))
        .AddMeter(meters)
        .AddOtlpExporter((exporter, reader) =>
        {
            Set(exporter, target, target.Metrics!);
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)target.Interval.TotalMilliseconds;
        })
        .Build();

    /// <summary>Levels have been chosen before anything comes here.</summary>
    private LoggerFactory Logs(IEnumerable<OtlpTarget> targets)
    {
        var providers = new List<ILoggerProvider>();
        foreach (var target in targets.Where(target => target.Logs is not null))
        {
            var options = new OpenTelemetryLoggerOptions { IncludeFormattedMessage = true, IncludeScopes = true };
            var resource = ResourceBuilder.CreateDefault();
            Describe(resource, target);
            options.SetResourceBuilder(resource).AddOtlpExporter(exporter => Set(exporter, target, target.Logs!));
            providers.Add(new OpenTelemetryLoggerProvider(new Fixed(options)));
        }

        return new LoggerFactory(providers, new LoggerFilterOptions { MinLevel = LogLevel.Trace });
    }

    private void Describe(ResourceBuilder resource, OtlpTarget target)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME")))
        {
            resource.AddService(serviceName);
        }

        resource.AddAttributes(target.Attributes.Select(attribute => KeyValuePair.Create(attribute.Key, (object)attribute.Value)));
    }

    private static void Set(OtlpExporterOptions exporter, OtlpTarget target, Uri url)
    {
        (exporter.Protocol, exporter.Endpoint) = (OtlpExportProtocol.HttpProtobuf, url);
        var timeout = TimeSpan.FromMilliseconds(exporter.TimeoutMilliseconds);

        // Not by its own list of headers: a comma would end one.
        exporter.HttpClientFactory = () =>
        {
            var handler = new SocketsHttpHandler();
            if (target.Tls is { } tls)
            {
                handler.SslOptions = tls.Options;
            }

            var client = new HttpClient(handler) { Timeout = timeout };
            if (target.Authorization is { } authorization)
            {
                client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
            }

            return client;
        };
    }

    private sealed class Fixed(OpenTelemetryLoggerOptions options) : Microsoft.Extensions.Options.IOptionsMonitor<OpenTelemetryLoggerOptions>
    {
        public OpenTelemetryLoggerOptions CurrentValue => options;

        public OpenTelemetryLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenTelemetryLoggerOptions, string?> listener) => null;
    }

    /// <summary>Hands on to whatever is in use at the moment.</summary>
    private sealed class Logger(OtlpExport export, string category) : ILogger
    {
        private volatile Tuple<LoggerFactory, ILogger>? _inner;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => Inner?.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => export._logs is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Inner?.Log(logLevel, eventId, state, exception, formatter);

        private ILogger? Inner
        {
            get
            {
                if (export._logs is not { } logs)
                {
                    return null;
                }

                if (_inner is not { } known || known.Item1 != logs)
                {
                    _inner = known = Tuple.Create(logs, logs.CreateLogger(category));
                }

                return known.Item2;
            }
        }
    }
}
