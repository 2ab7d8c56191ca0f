using Zilla.Config.Plans;
using Zilla.KafkaCache;
using Zilla.KafkaCache.Clusters;
using Zilla.ServiceDefaults.Otlp;
using Zilla.Streams;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddKafkaCache();
builder.Services.AddStreamAcceptor<CacheAcceptor>();
builder.Services.AddPlanWatcher<CachePlanApplier>(ServiceNames.KafkaCache);
builder.Services.AddPlanFollower((services, plan) => services.GetRequiredService<OtlpExport>().Use(plan.Otlp?.Exporters.Select(to =>
    new OtlpTarget(to.Metrics ? to.MetricsUrl : null, to.Logs ? to.LogsUrl : null, to.Interval, to.Authorization, plan.Otlp.Attributes)) ?? []));

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapStreams().RequireChannelKey();
await app.RunAsync();
