using Zilla.EdgeMqtt;
using Zilla.ServiceDefaults.Otlp;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddMqttEdge();
builder.Services.AddPlanFollower((services, plan) => services.GetRequiredService<OtlpExport>().Use(plan.Otlp?.Exporters.Select(to =>
    new OtlpTarget(to.Metrics ? to.MetricsUrl : null, to.Logs ? to.LogsUrl : null, to.Interval, to.Authorization, plan.Otlp.Attributes)) ?? []));

var app = builder.Build();
app.UseGateway();
app.MapDefaultEndpoints();
await app.RunAsync();
