using Zilla.EdgeHttp;
using Zilla.ServiceDefaults.Otlp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddHttpEdge();
builder.Services.AddOtlpFollower<OtlpExport>((export, collectors) => export.Follow(collectors));

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
