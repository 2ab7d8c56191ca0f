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
builder.Services.AddOtlpFollower<OtlpExport>((export, collectors) => export.Follow(collectors));

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapStreams().RequireChannelKey();
await app.RunAsync();
