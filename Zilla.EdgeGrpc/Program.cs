using Zilla.EdgeGrpc;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddGrpcEdge();

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
