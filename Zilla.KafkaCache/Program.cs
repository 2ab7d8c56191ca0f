using Zilla.Config.Plans;
using Zilla.KafkaCache;
using Zilla.KafkaCache.Clusters;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddKafkaCache();
builder.Services.AddPlanWatcher<CachePlanApplier>(ServiceNames.KafkaCache);

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
