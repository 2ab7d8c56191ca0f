using Zilla.EdgeMqtt;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddMqttEdge();

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
