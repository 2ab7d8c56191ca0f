using Zilla.EdgeHttp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddHttpEdge();

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
