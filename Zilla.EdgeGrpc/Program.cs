using Zilla.EdgeGrpc;
using Zilla.ServiceDefaults.Otlp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddGrpcEdge();
builder.Services.AddOtlpFollower<OtlpExport>((export, collectors) => export.Follow(collectors));

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
app.MapHandover();
await app.RunAsync();
