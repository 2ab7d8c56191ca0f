using Zilla.EdgeMqtt;
using Zilla.ServiceDefaults.Otlp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddMqttEdge();
builder.Services.AddOtlpFollower<OtlpExport>((export, collectors) => export.Follow(collectors));

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
